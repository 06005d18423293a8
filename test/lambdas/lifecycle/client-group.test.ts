import { expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { arjen, berta, elsewhere } from '../../support/people.ts';
import { groupIds, sweepAgain } from '../../support/resources.ts';

const clientGroupOf = ({ stack }: Deployment): string => stack.securityGroups[0]?.id ?? '';

/** The groups of each network interface. */
const interfaceGroups = ({ aws }: Deployment) => aws.ec2.interfaces.all().map(({ groupIds: ids }) => ids);

it('every task has the group of its session and the client group', async () => {
  const bastions = await deploy();
  for (const person of [arjen, berta]) await bastions.call('POST /', person);
  const clientGroup = clientGroupOf(bastions);
  const sessionGroups = (await bastions.rows()).map(({ securityGroupId }) => securityGroupId);
  expect(new Set(sessionGroups).size).toBe(2);
  expect(interfaceGroups(bastions).sort()).toEqual(sessionGroups.map((id) => [id, clientGroup]).sort());
});

it('the client group lets nobody in', async () => {
  const bastions = await deploy();
  await bastions.call('POST /', arjen);
  const clientGroup = bastions.aws.ec2.groups.get(clientGroupOf(bastions));
  expect(clientGroup.ingress).toEqual([]);
  await bastions.call('POST /', { ...arjen, from: elsewhere });
  expect(clientGroup.ingress).toEqual([]);
});

it('the client group stays when sessions end, and no sweep lists it', async () => {
  const bastions = await deploy({ reaps: false });
  await bastions.call('POST /', arjen);
  expect(await sweepAgain(bastions)).toEqual({});
  await bastions.call('DELETE /', arjen);
  expect(await sweepAgain(bastions)).toEqual({});
  expect(await sweepAgain(bastions)).toEqual({});
  expect(await bastions.leftovers()).toEqual([]);
  expect(groupIds(bastions)).toContain(clientGroupOf(bastions));
});
