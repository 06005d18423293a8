/** The paths of bastions that wait for an owner. */
import { isUp } from '../../lambdas/core/session/session.ts';
import { minuteMs } from '../support/time.ts';
import { nothing, oneBastionOrNothing, type Path, startTwice } from './path.ts';
import type { Scene } from './scene.ts';

const refill = (scene: Scene) => scene.refill();

/** Rewrites the one pooled row as an earlier deployment, with another task definition, would have left it. */
async function outdate({ bastions, pooledRows: [row] }: Scene): Promise<void> {
  const { clock, sessions } = bastions;
  const session = await clock.run(sessions.find(row?.sessionId ?? ''));
  if (session?.pool === undefined) throw new Error('Got no pooled session, expected one to outdate.');
  const pool = { ...session.pool, taskDefinition: `${session.pool.taskDefinition}0` };
  if (!(await clock.run(sessions.save({ ...session, pool }))))
    throw new Error(`Session ${session.sessionId} was changed at the same time, expected it to be at rest.`);
}

export const poolPaths: Readonly<Record<string, Path>> = {
  // Until the agent's deletion of the key. The second bastion is there for whoever does not get the first.
  'take from the pool': {
    functions: ['Start', 'agent'],
    poolSize: 2,
    prepare: refill,
    act: async (scene) => {
      const reply = await scene.ask('POST /');
      await scene.bastions.clock.advance(minuteMs / 2);
      return reply;
    },
    flaws: async (scene, replies) => [
      ...(await oneBastionOrNothing(scene, replies)),
      ...(await poolFlaws(scene, { least: 0, most: 2 })),
    ],
  },
  // Each request takes a bastion, and one of them has it alone.
  'take twice': {
    functions: ['Start'],
    poolSize: 2,
    prepare: refill,
    act: (scene) => startTwice(scene, 0),
    flaws: async (scene, replies) => [
      ...(await oneBastionOrNothing(scene, replies)),
      ...(await poolFlaws(scene, { least: 0, most: 2 })),
    ],
  },
  'refill the pool': {
    functions: ['Pool', 'agent'],
    poolSize: 1,
    prepare: async () => {},
    act: refill,
    lookAgain: async (scene) => {
      await scene.reap();
      await scene.refill();
    },
    flaws: async (scene) => [...(await nothing(scene)), ...(await poolFlaws(scene, { least: 1, most: 1 }))],
  },
  'trim the pool': {
    functions: ['Reaper'],
    poolSize: 1,
    prepare: async (scene) => {
      await refill(scene);
      await outdate(scene);
      await refill(scene);
    },
    act: (scene) => scene.reap(),
    flaws: async (scene) => [...(await nothing(scene)), ...(await poolFlaws(scene, { least: 1, most: 1 }))],
  },
  // The reaper looks after a bastion that is up every five minutes.
  'a pooled agent dies': {
    functions: ['TaskStopped'],
    poolSize: 1,
    prepare: refill,
    act: (scene) => scene.killPooled(),
    lookAgain: async (scene) => {
      await scene.bastions.clock.advance(4 * minuteMs);
      await scene.reap();
    },
    flaws: async (scene) => [...(await nothing(scene)), ...(await poolFlaws(scene, { least: 0, most: 0 }))],
  },
};

interface PoolBounds {
  readonly least: number;
  readonly most: number;
}

/** So many bastions wait. Each is up, has no key, and lets nobody in. */
async function poolFlaws({ bastions, pooledRows }: Scene, { least, most }: PoolBounds): Promise<string[]> {
  const { clock, sessions, aws, containers } = bastions;
  const rows = await clock.run(Promise.all(pooledRows.map(({ sessionId }) => sessions.find(sessionId))));
  return [
    ...(rows.length < least || rows.length > most
      ? [`${rows.length} bastions wait, expected ${least} to ${most}`]
      : []),
    ...rows.flatMap((row) => {
      if (row === undefined) return ['a pooled row is gone'];
      const group = aws.ec2.groups.all().find(({ id }) => id === row.securityGroupId);
      const taskId = row.taskArn?.split('/').at(-1) ?? '';
      return [
        ...(isUp(row) ? [] : [`pooled ${row.sessionId} is not up`]),
        ...(containers.keyOf(taskId) === undefined ? [] : [`pooled ${row.sessionId} has a key`]),
        ...(group?.ingress.length === 0 ? [] : [`pooled ${row.sessionId} has no closed group`]),
      ];
    }),
  ];
}
