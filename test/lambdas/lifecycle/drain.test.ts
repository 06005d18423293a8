import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { activations } from '../../support/activations.ts';
import { deployClosed } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { destroy } from '../../support/destroy.ts';
import { failing } from '../../support/interceptors.ts';
import { arjen, berta } from '../../support/people.ts';
import { ghost, groupIds, makeGroup, runTask, stackTag, taskArns } from '../../support/resources.ts';
import { secretOf } from '../../support/secret.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

const untag = ({ clock, ec2 }: Deployment, id: string) =>
  clock.run(ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'bastion:keep' }] })));

describe('the destruction of a stack', () => {
  it('ends and removes every session first', async () => {
    const bastions = await deployClosed();
    await bastions.call('POST /', arjen);
    await bastions.call('POST /', berta);
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    for (const { body } of activations('drained'))
      await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
    await bastions.call('DELETE /', berta);
    const { answer, seconds } = await destroy(bastions);
    expect(answer).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: 'Drained1234',
      LogicalResourceId: 'Drained1234',
      RequestId: 'request-Delete',
      StackId: expect.stringContaining(':stack/Bastions/'),
    });
    expect(seconds).toBeLessThan(120);
    expect(await bastions.leftovers()).toEqual([]);
    const rows = await bastions.rows();
    expect(rows).toHaveLength(2 + activations('drained').length);
    expect(rows.every(({ state }) => state === 'stopped')).toBe(true);
    expect(rows.map(({ detail }) => detail)).toContain('The stack is being destroyed.');
  });

  it('waits until no start can be under way, also in an empty stack', async () => {
    const bastions = await deployClosed();
    const { answer, seconds } = await destroy(bastions);
    expect(answer.Status).toBe('SUCCESS');
    expect(seconds).toBeGreaterThanOrEqual(60);
  });

  it.each([0, 300, 900, 2000, 28_000])('removes the resources of a start that began %i ms before', async (ms) => {
    const bastions = await deployClosed({ delays: { pullingMs: 3000, visibilityMs: 400 } });
    const start = bastions.send('POST /', arjen).catch((error: unknown) => error);
    await bastions.clock.advance(ms);
    expect((await destroy(bastions)).answer.Status).toBe('SUCCESS');
    await bastions.clock.run(start);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('removes the resources of a start that is still at work half a minute later', async () => {
    const bastions: Deployment = await deployClosed({
      // The start hangs before its first write, as long as its function may run.
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Start' && call.action === 'GetItem') await bastions.clock.sleep(27 * secondMs);
        return proceed();
      },
    });
    const start = bastions.send('POST /', arjen).catch((error: unknown) => error);
    expect((await destroy(bastions)).answer.Status).toBe('SUCCESS');
    await bastions.clock.run(start);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('waits for an interface that outlasts one invocation', async () => {
    const bastions = await deployClosed({ delays: { deprovisioningMs: 902 * secondMs } });
    await bastions.call('POST /', arjen);
    const { answer, seconds } = await destroy(bastions);
    expect(answer.Status).toBe('SUCCESS');
    expect(seconds).toBeGreaterThan(902);
    expect(bastions.cloudFormation.answers).toHaveLength(1);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('fails after half an hour, names what remains, and succeeds when it is repeated', async () => {
    const bastions = await deployClosed({ delays: { deprovisioningMs: 50 * minuteMs } });
    await bastions.call('POST /', arjen);
    const [row] = await bastions.rows();
    const [lingering] = bastions.aws.ec2.interfaces.all();
    const { answer, seconds } = await destroy(bastions);
    expect(seconds).toBeGreaterThan(28 * 60);
    expect(seconds).toBeLessThan(31 * 60);
    expect(answer.Status).toBe('FAILED');
    for (const named of [row?.sessionId, row?.taskArn, row?.securityGroupId, lingering?.id, 'destroy the stack again'])
      expect(answer.Reason).toContain(named);
    const again = await destroy(bastions);
    expect(again.answer.Status).toBe('SUCCESS');
    expect(await bastions.leftovers()).toEqual([]);
  });
});

describe('a resource with the keep tag', () => {
  it('fails the destruction at once, while everything else is removed', async () => {
    const bastions = await deployClosed();
    await bastions.call('POST /', arjen);
    await bastions.call('POST /', berta);
    const [kept] = await bastions.rows();
    const group = bastions.aws.ec2.groups.get(kept?.securityGroupId ?? '');
    group.tags.set('bastion:keep', 'for the audit');
    const { answer, seconds } = await destroy(bastions);
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain(`security group ${group.id} of session ${kept?.sessionId}`);
    expect(answer.Reason).toContain('bastion:keep');
    expect(seconds).toBeLessThan(120);
    expect(groupIds(bastions)).toContain(group.id);
    expect(await bastions.leftovers()).toHaveLength(1);
    await untag(bastions, group.id);
    expect((await destroy(bastions)).answer.Status).toBe('SUCCESS');
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('is named in the answer as long as there is room', async () => {
    const bastions = await deployClosed();
    for (let n = 1; n <= 40; n++) await makeGroup(bastions, `bastion-${ghost(n)}`, { ...stackTag, 'bastion:keep': '' });
    const { answer } = await destroy(bastions);
    expect(answer.Reason).toMatch(/^Still there: 40\. .* destroy the stack again\. .*…$/);
    expect(answer.Reason?.match(/security group \S+ of session/g)?.length).toBeGreaterThan(10);
  });
});

describe('an orphan in a stack that is destroyed', () => {
  it('is removed, and a stranger’s group stays', async () => {
    const bastions = await deployClosed();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await runTask(bastions, ghost(), stackTag, group);
    const foreign = await makeGroup(bastions, `bastion-${ghost(2)}`, { 'bastion:stack': 'Other' });
    const untagged = await makeGroup(bastions, `bastion-${ghost(3)}`, {});
    const { answer } = await destroy(bastions);
    expect(answer.Status).toBe('SUCCESS');
    expect(await taskArns(bastions)).toEqual([]);
    expect(groupIds(bastions)).not.toContain(group);
    expect(groupIds(bastions)).toEqual(expect.arrayContaining([foreign, untagged]));
  });
});

describe('an orphaned task in a stack that is destroyed', () => {
  it('is waited for until its interface is gone', async () => {
    const bastions = await deployClosed({ delays: { deprovisioningMs: 302 * secondMs } });
    await runTask(bastions, ghost(), stackTag, await makeGroup(bastions, 'web', {}));
    const { answer, seconds } = await destroy(bastions);
    expect(answer.Status).toBe('SUCCESS');
    expect(seconds).toBeGreaterThan(302);
    expect(await taskArns(bastions)).toEqual([]);
  });
});

describe('a failure during the destruction', () => {
  it.each(['Query', 'ListTasks', 'DescribeSecurityGroups', 'DeleteSecurityGroup', 'StopTask', 'GetItem', 'PutItem'])(
    'of %s for two minutes only delays it',
    async (action) => {
      let failsUntil = Number.POSITIVE_INFINITY;
      const bastions: Deployment = await deployClosed({
        onCall: (call, proceed, invocation) =>
          failing((one) => invocation?.title === 'Drain' && one.action === action && bastions.clock.now() < failsUntil)(
            call,
            proceed,
          ),
      });
      await bastions.call('POST /', arjen);
      failsUntil = bastions.clock.now() + 2 * minuteMs;
      const { answer } = await destroy(bastions);
      expect(answer.Status).toBe('SUCCESS');
      expect(await bastions.leftovers()).toEqual([]);
    },
  );

  it('that lasts for one session spares no other session, and the answer names it', async () => {
    let brokenId = 'none';
    const bastions = await deployClosed({
      onCall: (call, proceed, invocation) =>
        failing(({ input }) => invocation?.title === 'Drain' && JSON.stringify(input).includes(brokenId))(
          call,
          proceed,
        ),
    });
    await bastions.call('POST /', arjen);
    await bastions.call('POST /', berta);
    const [bertas, arjens] = await bastions.rows();
    brokenId = arjens?.sessionId ?? '';
    const { answer } = await destroy(bastions);
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain(
      `session ${brokenId} (AWS could not read a session right now: An internal error has occurred`,
    );
    expect(await bastions.rows()).toMatchObject([
      { sessionId: bertas?.sessionId, state: 'stopped' },
      { sessionId: brokenId, state: 'running' },
    ]);
  });

  it('of the function itself, at any of its calls, is repaired by Lambda’s retry', async () => {
    let calls = 0;
    for (let dies = 0; dies <= calls; dies++) {
      let made = 0;
      const bastions = await deployClosed({
        onCall: (call, proceed, invocation) =>
          call.kind === 'api' && invocation?.title === 'Drain' && made++ === dies ? new Promise(() => {}) : proceed(),
      });
      await bastions.call('POST /', arjen);
      const { answer } = await destroy(bastions);
      expect(answer.Status, `dies at call ${dies}`).toBe('SUCCESS');
      expect(await bastions.leftovers()).toEqual([]);
      calls = Math.max(calls, Math.min(made, 40));
      await bastions.aws.close();
    }
    expect(calls).toBeGreaterThan(20);
  });
});
