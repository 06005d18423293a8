/** The bastion that the disk remembers, without a look at the API. */
import { endpointOf } from '../api/endpoint.ts';
import { bastionFolder, type Environment } from '../state/places.ts';
import { isFresh, recall } from '../state/session.ts';
import type { Settings } from '../state/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Prints its address. @returns false when it cannot be believed any more */
export function printFresh(settings: Settings, env: Environment, terminal: Terminal): boolean {
  const bastion = recall(bastionFolder(env, endpointOf(settings).url, settings.values.user));
  if (bastion === undefined || !isFresh(bastion, Date.now())) return false;
  terminal.result(bastion.host, bastion);
  return true;
}
