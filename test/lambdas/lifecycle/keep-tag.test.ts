import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { arjen } from '../../support/people.ts';
import { ghost, groupIds, makeGroup, runTask, stackTag, sweep, sweepAgain, taskArns } from '../../support/resources.ts';
import { minuteMs } from '../../support/time.ts';

const keepTag = { 'bastion:keep': 'for the audit' };

/** Deploys without schedules. Each test invokes the reaper and the sweeper itself. */
const deployQuiet = (options: DeploymentOptions = {}) => deploy({ ...options, reaps: false });

const tagGroup = (bastions: Deployment, id: string, Key: string) =>
  bastions.clock.run(bastions.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value: 'x' }] })));

describe('the tag bastion:keep', () => {
  it('protects a task and a group from the sweeper', async () => {
    const bastions = await deployQuiet();
    const group = await makeGroup(bastions, `bastion-${ghost()}`, { ...stackTag, ...keepTag });
    const task = await runTask(bastions, ghost(2), { ...stackTag, ...keepTag });
    for (let times = 0; times < 3; times++)
      expect(await sweepAgain(bastions)).toEqual({ [task]: 'kept', [group]: 'kept' });
    expect(await taskArns(bastions)).toEqual([task]);
    expect(groupIds(bastions)).toContain(group);
    expect(bastions.orphans.at(-1)).toEqual({ seen: 0, removed: 0 });
  });

  it('protects a group on which it is put at the last moment', async () => {
    let group = '';
    const bastions: Deployment = await deployQuiet({
      onCall: async (call, proceed) => {
        const output = await proceed();
        const isNote = call.action === 'PutItem' && JSON.stringify(call.input).includes('orphan#');
        if (isNote && bastions.orphans.length === 1) bastions.aws.ec2.groups.get(group).tags.set('bastion:keep', 'x');
        return output;
      },
    });
    group = await makeGroup(bastions, `bastion-${ghost()}`, stackTag);
    await sweep(bastions);
    expect(await sweepAgain(bastions)).toEqual({ [group]: 'kept' });
    expect(groupIds(bastions)).toContain(group);
  });

  it('protects a session’s group until it is taken off', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const [row] = await bastions.rows();
    const group = row?.securityGroupId ?? '';
    await tagGroup(bastions, group, 'bastion:keep');
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(45 * minuteMs);
    expect(groupIds(bastions)).toContain(group);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    expect(bastions.logged.map(({ decision }) => decision)).toContain('security group kept by its tag');
    expect(Math.max(...bastions.passes.map(({ oldestOverdueSeconds }) => oldestOverdueSeconds))).toBeGreaterThan(600);
    const untag = new DeleteTagsCommand({ Resources: [group], Tags: [{ Key: 'bastion:keep' }] });
    await bastions.clock.run(bastions.ec2.send(untag));
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('lets a session’s task run on', async () => {
    let isKept = true;
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        const output = await proceed();
        if (call.action !== 'DescribeTasks' || !isKept) return output;
        const { tasks } = v.parse(v.looseObject({ tasks: v.array(v.looseObject({})) }), output);
        return {
          ...Object(output),
          tasks: tasks.map((task) => ({ ...task, tags: [{ key: 'bastion:keep', value: '' }] })),
        };
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(20 * minuteMs);
    expect(bastions.containers.running()).not.toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    expect(bastions.logged.map(({ decision }) => decision)).toContain('task kept by its tag');
    isKept = false;
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });
});
