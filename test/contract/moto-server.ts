/** Runs moto, an emulator of AWS that others wrote (https://github.com/getmoto/moto), in a Python environment of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const requirements = join(import.meta.dirname, 'moto-requirements.txt');
export const motoVersion = /^moto==(.+)$/m.exec(readFileSync(requirements, 'utf8'))?.[1] ?? 'of no version';
/** The oldest Python that these requirements allow. */
const pythonVersion = '3.11';

/** The error of a machine that can't run moto. Its message gives the reason. */
export class NoMoto extends Error {
  override readonly name = 'NoMoto';
}

/** A running moto. */
export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The server's program. It ends with its input, and therefore with this process. */
const program = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
`;

/** Serves moto on a free port. The first call installs it, which takes a minute. Throws NoMoto if this machine can't run it. */
export async function startMoto(): Promise<MotoServer> {
  const server = spawn(installedPython(), ['-c', program], { stdio: 'pipe' });
  const exited = once(server, 'exit');
  const errorOutput = text(server.stderr);
  const close = async () => {
    server.stdin.end();
    await exited;
  };
  try {
    const url = await Promise.race([
      once(createInterface({ input: server.stdout }), 'line').then(([line]) => String(line)),
      exited.then(async () =>
        Promise.reject(new NoMoto(`moto ended before it listened: ${lastLine(await errorOutput)}`)),
      ),
    ]);
    await set(url, 'config', { lambda: { use_docker: false } });
    // By default each DescribeTasks moves a task to its next state.
    const never = { progression: 'manual', times: 1_000_000 };
    await set(url, 'state-manager/set-transition', { model_name: 'ecs::task', transition: never });
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Changes a setting of moto. https://docs.getmoto.org/en/latest/docs/configuration/index.html */
async function set(url: string, setting: string, value: object): Promise<void> {
  const { ok, status } = await fetch(`${url}/moto-api/${setting}`, { method: 'POST', body: JSON.stringify(value) });
  if (!ok) throw new Error(`moto returned ${status} for the setting ${setting}, expected 200.`);
}

/** Returns the Python that has moto, and installs moto if needed. */
function installedPython(): string {
  const folder = join(import.meta.dirname, '../../node_modules/.cache', `moto-${motoVersion}`);
  const python = join(folder, 'bin/python');
  if (run(python, '-c', 'import moto.server').ok) return python;
  const basePython = machinePython();
  console.log(`Installing moto ${motoVersion} into ${folder} …`);
  const creation = run(basePython, '-m', 'venv', '--clear', folder);
  if (!creation.ok) throw new NoMoto(`Python could not make an environment for moto: ${creation.lastLine}`);
  // Without a network the installation ends within seconds.
  const limits = ['--retries', '1', '--timeout', '10'];
  const installation = run(python, '-m', 'pip', 'install', '--quiet', ...limits, '--requirement', requirements);
  if (!installation.ok) throw new NoMoto(`pip could not install moto ${motoVersion}: ${installation.lastLine}`);
  return python;
}

function machinePython(): string {
  const versionCheck = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${pythonVersion.replace('.', ', ')}))`;
  const python = ['python3', 'python'].find((name) => run(name, '-c', versionCheck).ok);
  if (python !== undefined) return python;
  throw new NoMoto(
    `Moto needs Python ${pythonVersion} or later with the modules venv and ensurepip, and this machine has none.`,
  );
}

function run(file: string, ...args: readonly string[]): { readonly ok: boolean; readonly lastLine: string } {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
  const output = error?.message ?? `${stdout}\n${stderr}`;
  return { ok: status === 0, lastLine: lastLine(output) };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
