/** The paths: everything that can be done with a bastion, each with its calls and its final state. */
import { isDue } from '../../lambdas/core/session/session.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { minuteMs } from '../support/time.ts';
import { ann, type Scene } from './scene.ts';

export interface Path {
  /** The titles of the functions whose calls are the path's steps. */
  readonly functions: readonly string[];
  /** Leads up to the path. */
  readonly prepare: (scene: Scene) => Promise<unknown>;
  /** Walks the path. @returns the caller's reply */
  readonly act: (scene: Scene) => Promise<string>;
  /** The caller tries again until it gets this reply. */
  readonly expectedReply?: string;
  /** Looks once more. Default: the reaper's next pass. */
  readonly lookAgain?: (scene: Scene) => Promise<unknown>;
  /** Returns every deviation from the path's final state. All paths share the checks of final-state.ts besides. */
  readonly flaws: (scene: Scene, replies: string) => Promise<readonly string[]>;
}

const start = (scene: Scene) => scene.ask('POST /');
const startTarget = (scene: Scene) => scene.startTarget();
async function startTwice(scene: Scene): Promise<string> {
  const { clock } = scene.bastions;
  const first = scene.asking('POST /');
  await clock.advance(150);
  const replies = await clock.run(Promise.all([first, scene.asking('POST /', { from: ann.elsewhere })]));
  return replies.includes('200') ? '200' : replies.join(' and ');
}
const move = (scene: Scene) => scene.ask('POST /', { from: ann.elsewhere });

export const paths: Readonly<Record<string, Path>> = {
  start: { functions: ['Start'], prepare: async () => {}, act: start, flaws: oneBastionOrNothing },
  // A second request has its say while the first one starts the task.
  'start twice': {
    functions: ['Start'],
    prepare: async () => {},
    act: startTwice,
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
};

async function nothing(scene: Scene): Promise<string[]> {
  return scene.leftovers();
}

/** One bastion lives. Of Ann's two addresses it allows the one in its row, and only that one. */
async function oneBastion(scene: Scene): Promise<string[]> {
  const [row, ...otherRows] = scene.liveRows;
  if (!row || otherRows.length > 0) return [`${scene.liveRows.length} sessions live, expected one`];
  const address = await scene.readyHost();
  if (!address) return [`session ${row.sessionId} is not ready`];
  return [ann.home, ann.elsewhere].flatMap((sourceIp) => {
    const isAllowed = scene.bastions.containers.letsIn(address.host, { port: address.port, sourceIp });
    if (isAllowed === row.allowedCidrs.includes(`${sourceIp}/32`)) return [];
    return [
      `${sourceIp} is ${isAllowed ? 'allowed' : 'refused'}, expected ${row.allowedCidrs.join()} alone to be allowed`,
    ];
  });
}

async function oneBastionOrNothing(scene: Scene, replies: string): Promise<string[]> {
  return scene.liveRows.length === 0 && replies !== '200' ? scene.leftovers() : oneBastion(scene);
}

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
