/**
 * The emulated AWS is held to what AWS does, operation by operation. `npm run test:moto` runs the same checks against moto,
 * an emulator that others wrote: where the two differ, differences.ts says which AWS fact decides.
 */
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { operations } from './checks.ts';
import { differences } from './differences.ts';
import { emulatedAccount } from './emulated-account.ts';
import { motoAccount } from './moto-account.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where moto answers; without it the emulated AWS is asked. */
    motoEndpoint: string | undefined;
  }
}

const motoEndpoint = inject('motoEndpoint');

describe.each(operations)('$name', ({ name, checks }) => {
  test.each(Object.entries(checks))('%s', async (rule, { aws, observe }) => {
    const difference = differences.find(({ operation, rule: ruled }) => operation === name && ruled === rule);
    const account = motoEndpoint === undefined ? await emulatedAccount() : motoAccount(motoEndpoint);
    onTestFinished(() => account.close());
    const expected = motoEndpoint === undefined || difference === undefined ? aws : difference.moto;
    expect(await observe(account)).toEqual(expected);
  });
});
