/** Runs moto, an emulator of AWS that others wrote (https://github.com/getmoto/moto), in a Python environment of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { installed, lastLine, NoPython, type PythonPackage, versionOf } from '../support/python.ts';

const moto: PythonPackage = {
  name: 'moto',
  requirements: join(import.meta.dirname, 'moto-requirements.txt'),
  module: 'moto.server',
};
export const motoVersion = versionOf(moto);

/** A running moto. */
export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface MotoOptions {
  /** Folder of Python modules that change moto, each by being imported. */
  readonly folder?: string;
  readonly modules?: readonly string[];
}

/** The server's program. It ends with its input, and therefore with this process. */
const program = `
import importlib, os, sys
from moto.server import ThreadedMotoServer
for module in sys.argv[1:]:
    importlib.import_module(module)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
os.environ["MOTO_PORT"] = str(port)
print("http://%s:%s" % (host, port), flush=True)
sys.stdin.read()
`;

/** The folder of programs of moto's environment. */
export const motoPrograms = (): string => installed(moto);

/** Serves moto on a free port. The first call installs it, which takes a minute. Throws NoPython if this machine can't run it. */
export async function startMoto({ folder = '', modules = [] }: MotoOptions = {}): Promise<MotoServer> {
  const server = spawn(join(motoPrograms(), 'python'), ['-c', program, ...modules], {
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', NODE: process.execPath },
    stdio: 'pipe',
  });
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
        Promise.reject(new NoPython(`moto ended before it listened: ${lastLine(await errorOutput)}`)),
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
