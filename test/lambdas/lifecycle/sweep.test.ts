import { describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { failing } from '../../support/interceptors.ts';
import { arjen } from '../../support/people.ts';
import { ghost, groupIds, makeGroup, runTask, stackTag, sweep, sweepAgain, taskArns } from '../../support/resources.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

/** Deploys without schedules. Each test invokes the sweeper itself. */
const deployQuiet = (options: DeploymentOptions = {}) => deploy({ ...options, reaps: false });

describe('an orphan', () => {
  it('is noted, confirmed ten minutes later and then removed, a task before its group', async () => {
    const bastions = await deployQuiet();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    const task = await runTask(bastions, ghost(), stackTag, group);
    expect(await sweep(bastions)).toEqual({ [task]: 'noted', [group]: 'noted' });
    expect(await sweepAgain(bastions, 9 * minuteMs)).toEqual({ [task]: 'unconfirmed', [group]: 'unconfirmed' });
    expect(await taskArns(bastions)).toEqual([task]);
    expect(await sweepAgain(bastions, 2 * minuteMs)).toEqual({ [task]: 'removed', [group]: 'in-use' });
    expect(await sweepAgain(bastions)).toEqual({ [group]: 'removed' });
    expect(await taskArns(bastions)).toEqual([]);
    expect(groupIds(bastions)).not.toContain(group);
    expect(await sweepAgain(bastions)).toEqual({});
    expect(bastions.orphans).toEqual([
      { seen: 2, removed: 0 },
      { seen: 2, removed: 0 },
      { seen: 2, removed: 1 },
      { seen: 1, removed: 1 },
      { seen: 0, removed: 0 },
    ]);
  });

  it('may be a group of a session that has ended', async () => {
    const bastions = await deployQuiet();
    const { json } = await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(minuteMs);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
    const group = await makeGroup(bastions, `bastion-${json.sessionId}`, stackTag);
    expect(await sweep(bastions)).toEqual({ [group]: 'noted' });
    expect(await sweepAgain(bastions)).toEqual({ [group]: 'removed' });
  });

  it('is noted anew if no sweep has seen it for more than an hour', async () => {
    const bastions = await deployQuiet();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await sweep(bastions);
    expect(await sweepAgain(bastions, 61 * minuteMs)).toEqual({ [group]: 'noted' });
    expect(await sweepAgain(bastions)).toEqual({ [group]: 'removed' });
  });

  it('may be a task without our tag that a session id started, or a group with our tag and any name', async () => {
    const bastions = await deployQuiet();
    const task = await runTask(bastions, ghost(), {});
    const group = await makeGroup(bastions, 'renamed', { ...stackTag, 'bastion:session': 'x' });
    await sweep(bastions);
    expect(await sweepAgain(bastions)).toEqual({ [task]: 'removed', [group]: 'removed' });
  });

  it('is removed by the schedule', async () => {
    const bastions = await deploy();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await bastions.clock.advance(31 * minuteMs);
    expect(groupIds(bastions)).not.toContain(group);
  });
});

describe('a resource that is no orphan', () => {
  it('stays if its session lives or is being removed', async () => {
    const bastions = await deployQuiet({ delays: { deprovisioningMs: 90 * minuteMs } });
    await bastions.call('POST /', arjen);
    for (let times = 0; times < 3; times++) expect(await sweepAgain(bastions)).toEqual({});
    await bastions.call('DELETE /', arjen);
    for (let times = 0; times < 3; times++) expect(await sweepAgain(bastions)).toEqual({});
    expect(await bastions.leftovers()).toHaveLength(3);
  });

  it('stays if it belongs to another stack, or has neither our tag nor a session’s name', async () => {
    const bastions = await deployQuiet();
    const groups = [
      await makeGroup(bastions, 'web', {}),
      await makeGroup(bastions, 'bastion-of-others', {}),
      await makeGroup(bastions, `bastion-${ghost()}`, { 'bastion:stack': 'Other' }),
    ];
    const tasks = [
      await runTask(bastions, 'somebody', {}),
      await runTask(bastions, ghost(2), { 'bastion:stack': 'Other' }),
    ];
    for (let times = 0; times < 4; times++) expect(await sweepAgain(bastions)).toEqual({});
    expect(groupIds(bastions)).toEqual(expect.arrayContaining(groups));
    expect([...(await taskArns(bastions))].sort()).toEqual([...tasks].sort());
  });

  it('stays if its session row appears before the removal', async () => {
    let hiddenKey = '';
    let reads = 0;
    const bastions = await deployQuiet({
      onCall: async (call, proceed) => {
        const isRow =
          call.action === 'BatchGetItem' && hiddenKey !== '' && JSON.stringify(call.input).includes(hiddenKey);
        // The row is hidden from the sweep that notes the group and the task, and once from the sweep that confirms them.
        return isRow && ++reads <= 2 ? {} : proceed();
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    hiddenKey = `session#${json.sessionId}`;
    expect(Object.values(await sweep(bastions))).toEqual(['noted', 'noted']);
    expect(Object.values(await sweepAgain(bastions))).toEqual(['explained', 'explained']);
    expect(await bastions.leftovers()).toHaveLength(3);
  });
});

describe('a group with our name and without our tag', () => {
  it('is only reported, because it may be a stranger’s', async () => {
    const bastions = await deployQuiet();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, {});
    for (let times = 0; times < 3; times++) expect(await sweepAgain(bastions)).toEqual({ [group]: 'not-ours' });
    expect(groupIds(bastions)).toContain(group);
    expect(bastions.orphans.at(-1)).toEqual({ seen: 1, removed: 0 });
  });
});

describe('a sweep', () => {
  it('handles every other orphan if one fails, and then throws that one’s id', async () => {
    let brokenId = '';
    const bastions = await deployQuiet({
      onCall: failing(({ action, input }) => action === 'DeleteSecurityGroup' && Object(input).GroupId === brokenId),
    });
    brokenId = await makeGroup(bastions, `bastion-${ghost(1)}`, stackTag);
    const other = await makeGroup(bastions, `bastion-${ghost(2)}`, stackTag);
    await sweep(bastions);
    await bastions.clock.advance(10 * minuteMs);
    const { payload, functionError } = await bastions.invoke('Sweeper', { dryRun: false });
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toMatchObject({
      errorType: 'SweepFailed',
      errorMessage: `A sweep failed at ${brokenId}, and did everything else. The next one tries again.`,
    });
    expect(groupIds(bastions)).toContain(brokenId);
    expect(groupIds(bastions)).not.toContain(other);
  });

  it('looks at the groups if the tasks can not be listed', async () => {
    const bastions = await deployQuiet({ onCall: failing(({ action }) => action === 'ListTasks') });
    await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await expect(sweep(bastions)).rejects.toThrow(/at the list of tasks/);
    expect(bastions.orphans).toEqual([{ seen: 1, removed: 0 }]);
  });

  it('reads every page, deletes at a limited rate, and leaves the rest to the next sweep', async () => {
    const deletedAt: number[] = [];
    const bastions: Deployment = await deployQuiet({
      onCall: async (call, proceed) => {
        if (call.action === 'DeleteSecurityGroup') deletedAt.push(call.at);
        return proceed();
      },
    });
    for (let n = 0; n < 120; n++) await makeGroup(bastions, `bastion-${ghost(n)}`, stackTag);
    expect(Object.keys(await sweep(bastions))).toHaveLength(120);
    const outcomes = Object.values(await sweepAgain(bastions));
    const removals = deletedAt.length;
    expect(outcomes.filter((outcome) => outcome === 'removed')).toHaveLength(removals);
    expect(outcomes.filter((outcome) => outcome === 'removable')).toHaveLength(120 - removals);
    expect(removals).toBeGreaterThan(50);
    expect(removals).toBeLessThan(120);
    for (const [n, at] of deletedAt.slice(1).entries()) expect(at - (deletedAt[n] ?? 0)).toBeGreaterThanOrEqual(250);
    await sweepAgain(bastions);
    expect(deletedAt).toHaveLength(120);
    expect(await sweepAgain(bastions)).toEqual({});
  });

  it('throws if its time is over before it has seen everything, and the next one goes on there', async () => {
    const notedIds = new Set<string | undefined>();
    const bastions: Deployment = await deployQuiet({
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Sweeper' && call.action === 'BatchGetItem')
          await bastions.clock.sleep(23 * secondMs);
        if (call.action === 'PutItem') notedIds.add(/orphan#(sg-\w+)/.exec(JSON.stringify(call.input))?.[1]);
        return proceed();
      },
    });
    const groups: string[] = [];
    for (let n = 0; n < 250; n++) groups.push(await makeGroup(bastions, `bastion-${ghost(n)}`, stackTag));
    await expect(sweep(bastions)).rejects.toThrow(/at the last 50 of 250 resources, and did everything else/);
    await expect(sweepAgain(bastions)).rejects.toThrow(/at the last 50 of 250 resources/);
    expect(bastions.orphans).toMatchObject([{ seen: 200 }, { seen: 200 }]);
    expect([...notedIds].filter((id) => id !== undefined).sort()).toEqual(groups.sort());
  });

  it('says so if its time is over before the lists are read', async () => {
    const bastions: Deployment = await deployQuiet({
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Sweeper' && call.action === 'ListTasks') await bastions.clock.sleep(25 * secondMs);
        return proceed();
      },
    });
    await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await expect(sweep(bastions)).rejects.toThrow(/at the list of security groups/);
  });

  it('as a dry run changes nothing, and says what it would do', async () => {
    const changes: string[] = [];
    const bastions = await deployQuiet({
      onCall: async (call, proceed) => {
        if (/^(Put|Delete|Stop)/.test(call.action)) changes.push(call.action);
        return proceed();
      },
    });
    const group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    expect(await sweep(bastions, true)).toEqual({ [group]: 'noted' });
    expect(changes).toEqual([]);
    await sweep(bastions);
    await bastions.clock.advance(10 * minuteMs);
    expect(await sweep(bastions, true)).toEqual({ [group]: 'removable' });
    expect(changes).toEqual(['PutItem']);
    expect(bastions.orphans).toEqual([{ seen: 1, removed: 0 }]);
    expect(await sweepAgain(bastions, 0)).toEqual({ [group]: 'removed' });
  });
});
