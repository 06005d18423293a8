/** The paths: everything that can be done with a bastion, each with its calls and its final state. */
import { isDue } from '../../lambdas/core/session/session.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { minuteMs } from '../support/time.ts';
import { nothing, oneBastion, oneBastionOrNothing, type Path, startTwice } from './path.ts';
import { poolPaths } from './pool-paths.ts';
import { ann, type Scene } from './scene.ts';

const start = (scene: Scene) => scene.ask('POST /');
const startTarget = (scene: Scene) => scene.startTarget();
const move = (scene: Scene) => scene.ask('POST /', { from: ann.elsewhere });

export const paths: Readonly<Record<string, Path>> = {
  start: { functions: ['Start'], prepare: async () => {}, act: start, flaws: oneBastionOrNothing },
  // A second request has its say while the first one starts the task.
  'start twice': {
    functions: ['Start'],
    prepare: async () => {},
    act: (scene) => startTwice(scene, 150),
    flaws: oneBastionOrNothing,
  },
  // Until the agent's second deletion.
  'take a handoff': {
    functions: ['agent'],
    prepare: async () => {},
    act: async (scene) => {
      const reply = await start(scene);
      await scene.bastions.clock.advance(minuteMs / 2);
      return reply;
    },
    flaws: oneBastionOrNothing,
  },
  move: {
    functions: ['Start'],
    prepare: start,
    act: move,
    flaws: async (scene, replies) => [
      ...(await oneBastion(scene)),
      ...(replies === '200' ? onlyAllows(scene, ann.elsewhere) : []),
    ],
  },
  'check-up': {
    functions: ['Reaper'],
    // The request writes the new address into the row, and dies before it changes the group.
    prepare: async (scene) => {
      await start(scene);
      await scene.withFault('function killed before it', 'AuthorizeSecurityGroupIngress', 'Start', () => move(scene));
    },
    act: async (scene) => {
      await scene.bastions.clock.advance(minuteMs / 2);
      return scene.reap();
    },
    flaws: async (scene) => [
      ...(await oneBastion(scene)),
      ...onlyAllows(scene, ann.elsewhere),
      ...(await dueSessions(scene)),
    ],
  },
  stop: {
    functions: ['Stop'],
    prepare: start,
    act: (scene) => scene.ask('DELETE /'),
    expectedReply: '200',
    flaws: nothing,
  },
  // A target has a handoff too.
  converge: {
    functions: ['Teardown', 'TaskStopped'],
    prepare: startTarget,
    act: async (scene) => {
      const reply = await scene.stopTarget();
      await scene.bastions.clock.advance(5000);
      return reply;
    },
    flaws: nothing,
  },
  reap: {
    functions: ['Reaper'],
    prepare: async (scene) => {
      await start(scene);
      await scene.bastions.clock.advance(9.5 * minuteMs);
    },
    act: (scene) => scene.reap(),
    flaws: nothing,
  },
  // Ann's bastion for ten minutes has five minutes left.
  warn: {
    functions: ['Reaper', 'Announce'],
    prepare: async (scene) => {
      await start(scene);
      await scene.bastions.clock.advance(minuteMs);
      await scene.reap();
      await scene.bastions.clock.advance(3.5 * minuteMs);
    },
    act: (scene) => scene.reap(),
    flaws: oneBastion,
  },
  'reap a dead start': {
    functions: ['Reaper'],
    prepare: async (scene) => {
      await scene.withFault('function killed after it', 'PutItem of the handoff', 'Start', () => start(scene));
      await scene.bastions.clock.advance(minuteMs / 2);
    },
    act: (scene) => scene.reap(),
    flaws: nothing,
  },
  // Its agent gives up after a minute.
  'end a task without handoff': {
    functions: ['TaskStopped'],
    prepare: async (scene) => {
      await scene.withFault('function killed before it', 'PutItem of the handoff', 'Start', () => start(scene));
    },
    act: async (scene) => {
      await scene.bastions.clock.advance(minuteMs);
      return 'agent ended';
    },
    flaws: nothing,
  },
  'webhook start': {
    functions: ['WebhookStart'],
    prepare: async () => {},
    act: startTarget,
    flaws: oneTargetOrNothing,
  },
  'webhook stop': {
    functions: ['WebhookStop'],
    prepare: startTarget,
    act: (scene) => scene.stopTarget(),
    expectedReply: '200',
    flaws: nothing,
  },
  sweep: {
    functions: ['Sweeper'],
    // The sweeper has seen an orphaned task and an orphaned group once.
    prepare: async (scene) => {
      await makeGroup(scene.bastions, `bastion-${ghost()}`, stackTag);
      await runTask(scene.bastions, ghost(), stackTag);
      await scene.sweep();
    },
    act: (scene) => scene.sweep(),
    lookAgain: (scene) => scene.sweep(),
    flaws: nothing,
  },
  ...poolPaths,
};

const onlyAllows = ({ liveRows }: Scene, address: string): string[] =>
  liveRows.flatMap(({ allowedCidrs }) =>
    allowedCidrs.join() === `${address}/32` ? [] : [`${allowedCidrs.join()} may connect, expected ${address}`],
  );

/** A session that is due is one that the reaper has overlooked. */
async function dueSessions({ bastions, liveRows }: Scene): Promise<string[]> {
  const { clock, sessions } = bastions;
  const rows = await clock.run(Promise.all(liveRows.map(({ sessionId }) => sessions.find(sessionId))));
  return rows.flatMap((row) => (row && isDue(row, clock.now()) ? [`session ${row.sessionId} is due`] : []));
}

async function oneTargetOrNothing(scene: Scene, replies: string): Promise<string[]> {
  const [row, ...otherRows] = scene.liveRows;
  if (!row && replies !== '200') return scene.leftovers();
  if (!row || otherRows.length > 0) return [`${scene.liveRows.length} targets live, expected one`];
  return scene.hasActivation(row.taskArn) ? [] : [`the agent of ${row.sessionId} has not received its activation`];
}
