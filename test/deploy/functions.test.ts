/** The local run and the deployment read one template. Their functions are set up alike, but for what each place calls things. */
import * as v from 'valibot';
import { expect, inject, test } from 'vitest';
import { readStack } from '../../local/cloudformation/stack.ts';
import { namesIn, place } from './resolved.ts';

const { assembly, inventory } = inject('life').first;
const local = readStack(assembly, place, namesIn(inventory));

const configuration = v.object({
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
  Timeout: v.number(),
  MemorySize: v.number(),
  Runtime: v.string(),
  Architectures: v.array(v.string()),
});
const invokeConfig = v.object({
  MaximumRetryAttempts: v.number(),
  DestinationConfig: v.optional(v.object({ OnFailure: v.object({ Destination: v.string() }) })),
});

test('the local run has every function of the deployment', () => {
  expect(local.functions.map(({ name }) => name).sort()).toEqual(
    Object.keys(inventory['AWS::Lambda::Function'] ?? {}).sort(),
  );
});

test.each(local.functions)('$title has the variables, time and retries of the local run', (fn) => {
  const { Environment, Timeout } = v.parse(configuration, inventory['AWS::Lambda::Function']?.[fn.name]);
  const asynchronous = inventory['AWS::Lambda::EventInvokeConfig']?.[`${fn.name}|$LATEST`];
  const { MaximumRetryAttempts, DestinationConfig } = v.parse(
    invokeConfig,
    asynchronous ?? { MaximumRetryAttempts: 2 },
  );
  expect({ ...Environment.Variables }).toEqual(fn.environment);
  expect(Timeout).toBe(fn.timeoutSeconds);
  expect(MaximumRetryAttempts).toBe(fn.retries);
  expect(DestinationConfig?.OnFailure.Destination).toBe(fn.onFailureQueueArn);
});

test.each(local.functions)('$title runs on the Node of the local run, on arm64, in a size of Lambda', (fn) => {
  const { MemorySize, Runtime, Architectures } = v.parse(configuration, inventory['AWS::Lambda::Function']?.[fn.name]);
  expect(Runtime).toBe(`nodejs${process.versions.node.split('.')[0]}.x`);
  expect(Architectures).toEqual(['arm64']);
  expect(MemorySize).toBeGreaterThanOrEqual(128);
  expect(MemorySize).toBeLessThanOrEqual(10_240);
});
