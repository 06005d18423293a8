/** Asks for the removal of bastions. @returns those that were live */
import type { SessionView } from '../../contracts/api.ts';
import { endSharedConnection } from '../ssh/session-options.ts';
import { forget, recall } from '../state/session.ts';
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

/** Removes the bastions of all people. The targets of webhooks stay. */
export async function removeAll(context: Context): Promise<SessionView[]> {
  const { api } = context;
  const most = 10_000;
  const pages = await Promise.all(['starting', 'running'].map((state) => history(api, most, state)));
  const live = pages.flat().filter(({ agent }) => agent === undefined);
  for (const { user } of live) await api.stop(user);
  await forgetOwn(context);
  return live;
}

async function forgetOwn({ env, folder }: Context): Promise<void> {
  const bastion = recall(folder);
  forget(folder);
  if (bastion !== undefined) await endSharedConnection(env, bastion);
}
