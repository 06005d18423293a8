/** Many sessions are due for a check-up at the same time. What AWS answers in part, or refuses, harms only whom it is about. */
import { AuthorizeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { isDue, type Session } from '../../../lambdas/core/session/session.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { nthSessionId, putSessions } from '../../support/many-sessions.ts';
import { elsewhere } from '../../support/people.ts';
import { spoil } from '../../support/spoil.ts';
import { minuteMs } from '../../support/time.ts';
import { keysOf, leaveUnprocessed } from '../../support/unprocessed.ts';

const count = 120;

/** Deploys so many bastions, all due for a check-up, and counts the reaper's calls. */
async function deployDue(onCall: NonNullable<DeploymentOptions['onCall']> = (_, proceed) => proceed()) {
  const calls: Record<string, number> = {};
  const bastions = await deploy({
    reaps: false,
    onCall: (call, proceed, invocation) => {
      if (invocation?.title !== 'Reaper') return proceed();
      calls[call.action] = (calls[call.action] ?? 0) + 1;
      return onCall(call, proceed, invocation);
    },
  });
  const rows = await putSessions(bastions, count);
  await bastions.clock.advance(10 * minuteMs);
  return { bastions, calls, rows };
}

/** The sessions whose check-up has not been noted. */
async function dueIds({ clock, sessions }: Deployment, rows: readonly Session[]): Promise<string[]> {
  const found = await clock.run(Promise.all(rows.map(({ sessionId }) => sessions.find(sessionId))));
  return found.flatMap((row) => (row && isDue(row, clock.now()) ? [row.sessionId] : []));
}

/** Runs a pass that must fail. @returns its sentence */
async function failureOf(bastions: Deployment): Promise<string> {
  const { functionError, payload } = await bastions.invoke('Reaper');
  expect(functionError).toBe('Unhandled');
  return JSON.parse(payload).errorMessage;
}

describe('a pass over many check-ups', () => {
  it('reads rows, tasks and groups by the hundred, and writes each row once', async () => {
    const { bastions, calls, rows } = await deployDue();
    expect(await bastions.invoke('Reaper')).not.toHaveProperty('functionError');
    expect(await dueIds(bastions, rows)).toEqual([]);
    const { Query, GetItem, ...perHundred } = calls;
    expect(perHundred).toEqual({ BatchGetItem: 4, DescribeTasks: 2, DescribeSecurityGroups: 2, PutItem: count });
    expect([Query, GetItem]).toEqual([expect.any(Number), 2]);
  });

  it('asks again for the rows that DynamoDB leaves out', async () => {
    let parts = 3;
    const { bastions, rows } = await deployDue((call, proceed) =>
      call.action === 'BatchGetItem' && parts-- > 0 ? leaveUnprocessed(call, proceed, (_, n) => n % 4 > 0) : proceed(),
    );
    expect(await bastions.invoke('Reaper')).not.toHaveProperty('functionError');
    expect(await dueIds(bastions, rows)).toEqual([]);
  });

  it('leaves only the session out whose row DynamoDB never brings', async () => {
    const { bastions, rows } = await deployDue((call, proceed) =>
      call.action === 'BatchGetItem'
        ? leaveUnprocessed(call, proceed, (_, n) => JSON.stringify(keysOf(call)[n]).includes(nthSessionId(7)))
        : proceed(),
    );
    expect(await failureOf(bastions)).toMatch(
      /^1 of 120 due sessions could not be reaped: 0badcafe-0000-4000-9000-000000000007\./,
    );
    expect(await dueIds(bastions, rows)).toEqual([nthSessionId(7)]);
    expect(bastions.logged.flatMap(({ error }) => (error instanceof Error ? error.message : []))).toEqual([
      'AWS could not read the sessions right now: it left some of them out.',
    ]);
  });

  it('leaves only the session out whose row can not be parsed', async () => {
    const { bastions, rows } = await deployDue();
    await spoil(bastions, nthSessionId(8));
    expect(await failureOf(bastions)).toMatch(/^1 of 120 .*0008\./);
    expect(await dueIds(bastions, rows.toSpliced(8, 1))).toEqual([]);
  });

  it('leaves only the session out whose task ECS refuses to describe', async () => {
    let refusedArn = 'none yet';
    const { bastions, rows } = await deployDue(async (call, proceed) => {
      if (call.action === 'DescribeTasks' && Object(call.input).tasks.includes(refusedArn))
        throw new AwsError('InvalidParameterException', 'Invalid identifier');
      return proceed();
    });
    refusedArn = rows[9]?.taskArn ?? '';
    expect(await failureOf(bastions)).toMatch(/^1 of 120 .*0009\./);
    expect(await dueIds(bastions, rows)).toEqual([nthSessionId(9)]);
  });

  it('leaves only the session out whose group EC2 does not know', async () => {
    let unknownId = 'none yet';
    const { bastions, rows } = await deployDue(async (call, proceed) => {
      const output = await proceed();
      if (call.action !== 'DescribeSecurityGroups') return output;
      const groups: readonly { groupId: string }[] = Object(output).securityGroupInfo;
      return { ...Object(output), securityGroupInfo: groups.filter(({ groupId }) => groupId !== unknownId) };
    });
    unknownId = rows[3]?.securityGroupId ?? '';
    expect(await failureOf(bastions)).toMatch(/^1 of 120 .*0003\./);
    expect(await dueIds(bastions, rows)).toEqual([nthSessionId(3)]);
  });

  it('finds a rule that nobody of us has added, and removes it', async () => {
    const { bastions, rows } = await deployDue();
    const everybody = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    const GroupId = rows[5]?.securityGroupId ?? '';
    await bastions.clock.run(
      bastions.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [everybody] })),
    );
    const isOpen = () => bastions.aws.ec2.groups.allows([GroupId], { protocol: 'tcp', port: 22, sourceIp: elsewhere });
    expect(isOpen()).toBe(true);
    expect(await bastions.invoke('Reaper')).not.toHaveProperty('functionError');
    expect(isOpen()).toBe(false);
  });
});
