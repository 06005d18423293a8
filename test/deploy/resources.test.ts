/** Everything that the template describes is in moto, and nothing else. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, inject, test } from 'vitest';
import { accountId, region } from './cdk.ts';
import { comparisons } from './comparisons.ts';
import { hiddenTypes, propertyGaps } from './gaps.ts';
import { resolvedTemplate, stackName } from './resolved.ts';

const life = inject('life');
const accepted = propertyGaps.map(({ type, property }) => `${type} ${property}`);

describe.each([
  ['the first deployment', life.first],
  ['the deployment of other settings', life.updated],
])('%s', (_, deployed) => {
  test.each(comparisons(deployed))(
    'makes $logicalId ($type) as the template describes it',
    ({ type, exists, paths }) => {
      expect(exists).toBe(true);
      expect(paths.filter((path) => !accepted.includes(`${type} ${path}`))).toEqual([]);
    },
  );

  test('makes nothing that the template does not describe', () => {
    const template = resolvedTemplate(deployed);
    const expected = template.types().map((type) => [type, template.resources(type).length + (madeByAws[type] ?? 0)]);
    const types = Object.keys(deployed.inventory).filter((type) => type.includes('::'));
    const made = types.map((type) => [type, newIds(type).length]).filter(([, count]) => count !== 0);
    expect(Object.fromEntries(made)).toEqual(
      Object.fromEntries(expected.filter(([type]) => !(String(type) in hiddenTypes))),
    );
  });

  test('has outputs without a hole', () => {
    const outputs = resolvedTemplate(deployed).outputs();
    const described = v.parse(v.object({ Outputs: v.unknown() }), deployed.inventory.stack?.[stackName]).Outputs;
    expect(described).toEqual(Object.fromEntries(outputs.map(({ key, value }) => [key, value])));
  });

  const newIds = (type: string) =>
    Object.keys(deployed.inventory[type] ?? {}).filter((id) => !(id in (life.bootstrapped[type] ?? {})));
});

/** A VPC comes with a route table and a security group. */
const madeByAws: Readonly<Record<string, number>> = { 'AWS::EC2::RouteTable': 1, 'AWS::EC2::SecurityGroup': 1 };

test('every file and image of the assembly is where the template looks for it', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(life.first.assembly, `${stackName}.assets.json`), 'utf8'));
  const { files, dockerImages } = v.parse(assetsSchema, manifest);
  const inPlace = (text: string) =>
    text.replace(/\$\{AWS::AccountId\}/, accountId).replace(/\$\{AWS::Region\}/, region);
  const places = [
    ...Object.values(files).flatMap(({ destinations }) =>
      Object.values(destinations).map(({ bucketName, objectKey }) => `${inPlace(bucketName)}/${objectKey}`),
    ),
    ...Object.values(dockerImages).flatMap(({ destinations }) =>
      Object.values(destinations).map(
        ({ repositoryName, imageTag }) =>
          `${accountId}.dkr.ecr.${region}.amazonaws.com/${inPlace(repositoryName)}:${imageTag}`,
      ),
    ),
  ];
  const { file, image } = life.first.inventory;
  expect(Object.keys({ ...file, ...image }).sort()).toEqual(places.sort());
});

const destinations = <T extends v.ObjectEntries>(entries: T) =>
  v.record(v.string(), v.object({ destinations: v.record(v.string(), v.object(entries)) }));
const assetsSchema = v.object({
  files: destinations({ bucketName: v.string(), objectKey: v.string() }),
  dockerImages: destinations({ repositoryName: v.string(), imageTag: v.string() }),
});
