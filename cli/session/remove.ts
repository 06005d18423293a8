/** Asks for the removal of bastions. @returns those that were live */
import type { SessionView } from '../../contracts/api.ts';
import { endSharedConnection } from '../ssh/session-options.ts';
import { forget, recall } from '../state/session.ts';
import { sentenceOf } from '../terminal/errors.ts';
import type { Context } from './context.ts';
import { history } from './history.ts';

/** The look only tells what was live: the request to stop goes out anyway. */
export async function removeOne(context: Context): Promise<SessionView[]> {
  const { api } = context;
  const view = await api.look();
  await api.stop();
  await forgetOwn(context);
  return view === undefined ? [] : [view];
}

/** Removes the bastions of all people. The targets of webhooks and the pool stay. */
export async function removeAll(context: Context): Promise<SessionView[]> {
  const { api } = context;
  const most = 10_000;
  const pages = await Promise.all(['starting', 'running'].map((state) => history(api, most, state)));
  const live = pages.flatMap(({ sessions }) => sessions.filter(isPersons));
  for (const { user } of live) await api.stop(user);
  await forgetOwn(context);
  return live;
}

/** False for a target, and for a bastion that comes up for the pool: nobody owns it, so no request can name it. */
const isPersons = ({ agent, user }: SessionView): boolean => agent === undefined && user !== undefined;

/** The bastion is being removed already, so a disk that keeps its files is no failure. */
async function forgetOwn({ env, folder, terminal }: Context): Promise<void> {
  try {
    const bastion = recall(folder);
    forget(folder);
    if (bastion !== undefined) await endSharedConnection(env, bastion);
  } catch (error) {
    terminal.warn(sentenceOf(error));
  }
}
