/** Opens a page in the person's browser. */
import { spawn } from 'node:child_process';
import type { Environment } from '../state/places.ts';

type Opener = readonly [program: string, ...args: string[]];

/**
 * The program of the system that opens a page, started without a shell, for which the URL would be more than one word.
 * @returns undefined where no browser of this person can be: at the other end of ssh, or without a display
 */
export function openerOf(platform: NodeJS.Platform, env: Environment): Opener | undefined {
  if (env.SSH_CONNECTION || env.SSH_TTY) return undefined;
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}

/** Does nothing where it fails: the person has the URL. */
export function openBrowser(url: string, env: Environment): void {
  const [program, ...args] = openerOf(process.platform, env) ?? [];
  if (program === undefined) return;
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true, env });
  child.on('error', () => {});
  child.unref();
}
