/** A start or its agent may end at any step. Nobody is then told of a bastion that is not up, and nothing is left. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { remnantsOf, startStepOf } from '../../support/handoffs.ts';
import { arjen, elsewhere, home } from '../../support/people.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { secondMs } from '../../support/time.ts';

const internalError = new AwsError('InternalServerError', 'Internal server error', 500);

describe('a start that dies', () => {
  const steps = ['RunTask', 'the row names the task', 'the handoff', 'AuthorizeSecurityGroupIngress', 'the row runs'];
  const moments = steps.flatMap((step) => [
    { moment: 'before', step },
    { moment: 'after', step },
  ]);

  it.each(moments)(
    '$moment "$step" is never answered 200 for a bastion without its handoff',
    async ({ moment, step }) => {
      let hasDied = false;
      const bastions = await deploy({
        onCall: async (call, proceed, invocation) => {
          if (hasDied || invocation?.title !== 'Start' || startStepOf(call) !== step) return proceed();
          hasDied = true;
          if (moment === 'after') await proceed();
          invocation.isDead = true;
          return new Promise(() => {});
        },
      });
      bastions.send('POST /', arjen).catch(() => {});
      await bastions.clock.advance(2 * secondMs);
      expect(hasDied).toBe(true);
      // Others ask until the start has its end.
      for (let request = 0; request < 6; request++) {
        const { status, json } = await bastions.call('POST /', {
          ...arjen,
          from: request % 2 === 0 ? elsewhere : home,
        });
        if (status !== 200) continue;
        const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
        const taskId = taskIdOf(row?.taskArn);
        expect(bastions.containers.hasComeUp(taskId)).toBe(true);
        expect(bastions.containers.endedAt(taskId)).toBe(undefined);
      }
      expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
      await bastions.call('DELETE /', arjen);
      expect(await remnantsOf(bastions)).toEqual([]);
    },
  );
});

describe('an agent', () => {
  const agentFails = (action: string) =>
    deploy({
      onCall: async (call, proceed, invocation) => {
        const isAgents = invocation === undefined && /^[^:]+:[0-9a-f]{32}$/.test(Object(call.input).Key?.pk?.S ?? '');
        if (isAgents && call.action === action) throw internalError;
        return proceed();
      },
    });

  it.each([
    [
      'can not fetch its handoff',
      'GetItem',
      'ssh exited with code 69: its credentials or its handoff item did not arrive within 60 s',
    ],
    ['can not delete its handoff', 'DeleteItem', 'ssh exited with code 74: its handoff item could not be deleted'],
  ])('that %s is never up, and its session ends with that reason', async (_, action, detail) => {
    const bastions = await agentFails(action);
    const statuses: number[] = [];
    for (let request = 0; request < 4 && statuses.at(-1) !== 502; request++) {
      const { status, json } = await bastions.call('POST /', arjen);
      statuses.push(status);
      if (status === 502) expect(json.ErrorMessage).toContain(detail);
    }
    expect(new Set(statuses)).toEqual(new Set(action === 'GetItem' ? [202, 502] : [502]));
    expect((await bastions.rows()).at(-1)).toMatchObject({
      reason: 'start-failed',
      detail: expect.stringContaining(detail),
    });
    expect(await remnantsOf(bastions)).toEqual([]);
  });
});

describe('two functions that write the row at once', () => {
  it.each(['the row names the task', 'the handoff', 'the row runs'])('at "%s" both have their say', async (step) => {
    let isMoved = false;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (isMoved || invocation?.title !== 'Start' || startStepOf(call) !== step) return proceed();
        isMoved = true;
        moved = bastions.send('POST /', { ...arjen, from: elsewhere });
        await bastions.clock.sleep(50); // the other request writes its address first
        return proceed();
      },
    });
    let moved: ReturnType<Deployment['send']> | undefined;
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.clock.run(moved ?? Promise.reject(new Error('The row was never written.')));
    expect([first.status, second.status]).toEqual([200, 200]);
    const [row, ...others] = await bastions.rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ allowedCidrs: [`${elsewhere}/32`], state: 'running', readyAt: expect.any(Number) });
    expect(bastions.containers.letsIn(second.json.host, { port: 22, sourceIp: elsewhere })).toBe(true);
  });
});
