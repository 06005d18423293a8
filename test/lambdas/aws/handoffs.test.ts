import { expect, inject, it } from 'vitest';
import { DynamoHandoffs } from '../../../lambdas/aws/dynamodb/handoffs.ts';
import { deployInProcess } from '../../support/deployment.ts';
import { handoffItems, handoffTableOf } from '../../support/handoffs.ts';

const task = {
  kind: 'ssh',
  arn: 'arn:aws:ecs:us-east-1:000000000000:task/cluster/0123456789abcdef0123456789abcdef',
} as const;
const first = { id: 'start', values: { HOST_KEY: 'a' }, until: 1000 };
const second = { id: 'key', values: { AUTHORIZED_KEY: 'b' }, until: 1000 };

it('a handoff item replaces no other one, and may be written twice', async () => {
  const bastions = await deployInProcess(inject('assembly'), { reaps: false });
  const { clock, dynamodb, tableName: table } = bastions;
  const handoffs = new DynamoHandoffs(dynamodb, { table, handoffTable: handoffTableOf(bastions), sshRoleId: 'AROAX' });
  const put = async (item: typeof first | typeof second) => (await clock.run(handoffs.put(task, item))).isWritten;
  expect([await put(second), await put(first), await put(second)]).toEqual([true, false, true]);
  expect((await handoffItems(bastions)).map(({ values }) => values)).toEqual([second.values]);
  await clock.run(handoffs.remove(task));
  expect(await put(first)).toBe(true);
});
