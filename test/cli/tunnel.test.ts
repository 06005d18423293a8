/** Tunnels and look-ups of the command as a process, against the local run and with the real ssh. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { freePort } from '../../local/fargate/addresses.ts';
import { type ChildRun, startLocalRun } from '../support/local-run.ts';
import { exitOf, run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { type Echo, startEcho, throughPort } from './echo.ts';
import { type LookedUp, startLookedUp } from './looked-up.ts';
import { makePerson, type Person } from './person.ts';

let local: ChildRun;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;
let aws: LookedUp;
let person: Person;
let echo: Echo;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  [program, local, echo] = await Promise.all([buildCommand(folder.path), startLocalRun(), startEcho()]);
  aws = await startLookedUp(undefined, echo.port);
  const env = { BASTION_USER: 'tunnels', AWS_ENDPOINT_URL: aws.url };
  person = await makePerson({ url: local.api, program, env });
  await writeFile(join(person.home, 'bastion.json'), JSON.stringify({ tunnels: { db: '0:rds:orders' } }));
});
afterAll(async () => {
  await person[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
  echo.close();
  await local.stop();
  await folder.remove();
});

interface OpenedForward {
  readonly name: string;
  readonly localPort: number;
}

/** Opens tunnels, and returns them once they are open. */
async function open(...args: readonly string[]) {
  const child = person.start('tunnel', '--json', ...args);
  const stderr = text(child.stderr);
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.endsWith(']\n')) break;
  }
  const forwards: readonly OpenedForward[] = JSON.parse(output || `"${await stderr}"`);
  const close = async () => {
    child.kill('SIGINT');
    return { code: await exitOf(child), stderr: await stderr };
  };
  return {
    child,
    forwards,
    close,
    portOf: (name: string) => forwards.find((one) => one.name === name)?.localPort ?? 0,
  };
}

describe.concurrent('tunnels', () => {
  it('to a host, a database and a cache are open at once, with twenty connections each', async ({ expect }) => {
    const tunnels = ['0:rds:orders', '0:cache:sessions', `0:127.0.0.1:${echo.port}`];
    const { forwards, close } = await open(...tunnels);
    expect(forwards.map(({ name }) => name)).toEqual(tunnels);
    const answers = await Promise.all(
      forwards.flatMap(({ localPort, name }) =>
        Array.from({ length: 20 }, (_, number) => throughPort(localPort, `${name} ${number}`)),
      ),
    );
    expect(answers).toEqual(
      tunnels.flatMap((name) => Array.from({ length: 20 }, (_, number) => `echo ${name} ${number}`)),
    );
    expect(await close()).toEqual({ code: 130, stderr: '' });
  });

  it('end when nobody knows the id, and start no bastion', async ({ expect }) => {
    await using other = await makePerson({
      url: local.api,
      program,
      env: { BASTION_USER: 'none', AWS_ENDPOINT_URL: aws.url },
    });
    expect(await other.bastion('tunnel', 'rds:order')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^bastion: No RDS instance .* The nearest of 3 is orders\./),
    });
    expect(await other.bastion()).toMatchObject({ code: 3 });
  });

  it('warn of a cache whose cluster mode leads elsewhere', async ({ expect }) => {
    const { portOf, close } = await open('0:cache:sharded');
    expect(await throughPort(portOf('0:cache:sharded'), 'x')).toBe('echo x');
    expect((await close()).stderr).toMatch(/^bastion: The cache sharded has cluster mode/);
  });

  it('give a program the variables of the database, by the name in bastion.json', async ({ expect }) => {
    const command =
      '[ "$PGPORT" = "$BASTION_PORT" ] && exec 3<>/dev/tcp/$PGHOST/$PGPORT && echo hello >&3 && head -n1 <&3';
    const { code, stdout } = await person.bastion('tunnel', 'db', '--exec', `bash -c '${command}'; exit 7`);
    expect({ code, stdout }).toEqual({ code: 7, stdout: 'echo hello\n' });
  });

  it('open a SOCKS proxy, at the port of the person or the next free one', async ({ expect }) => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    const { portOf, close } = await open('--socks-port', `${port}`);
    expect(portOf('socks')).toBeGreaterThan(port);
    const proxy = `socks5h://127.0.0.1:${portOf('socks')}`;
    const { stdout } = await run('curl', [
      '-s',
      '--proxy',
      proxy,
      `http://127.0.0.1:${new URL(local.api).port}/health`,
    ]);
    expect(JSON.parse(stdout)).toEqual({});
    server.close();
    expect((await close()).stderr).toBe(`bastion: Port ${port} is taken, so socks gets ${portOf('socks')}.\n`);
  });

  it('open again after a lost connection, at the same port', async ({ expect }) => {
    const { child, portOf, close } = await open('0:rds:orders');
    const port = portOf('0:rds:orders');
    await run('pkill', ['-P', `${child.pid}`]); // its one child is ssh
    await expect.poll(() => throughPort(port, 'x').catch(() => 'closed'), { timeout: 20_000 }).toBe('echo x');
    expect(await close()).toMatchObject({ code: 130 });
  });

  it('end with the command, even if SIGKILL ends it while a connection is open', async ({ expect }) => {
    const { child, portOf } = await open('0:rds:orders');
    const port = portOf('0:rds:orders');
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    child.kill('SIGKILL');
    await once(client.resume(), 'close');
    await expect.poll(() => throughPort(port, 'x').catch(() => 'closed'), { timeout: 20_000 }).toBe('closed');
  });

  it('without a name say what there is', async ({ expect }) => {
    expect(await person.bastion('tunnel')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^bastion: tunnel: got no tunnel, expected .* bastion.json names db\.\n$/),
    });
    expect(await person.bastion('tunnel', '--socks-port', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^bastion: --socks-port: got "x"/),
    });
  });
});

describe.concurrent('a stack', () => {
  const withStack = () => makePerson({ program, env: { AWS_ENDPOINT_URL: local.aws } });

  it('names its API, which configure stores', async ({ expect }) => {
    await using newcomer = await withStack();
    const file = join(newcomer.home, '.config/bastion/config.json');
    expect(await newcomer.bastion('configure', '--stack', 'Bastions')).toEqual({
      code: 0,
      stdout: `${local.api} answers, and is set in ${file}.\n`,
      stderr: '',
    });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: local.api, deployments: [local.api] });
  });

  it('that does not exist is named, and neither is nothing or too much', async ({ expect }) => {
    await using newcomer = await withStack();
    const refused = async (...args: string[]) => (await newcomer.bastion('configure', ...args)).stderr;
    expect(await refused('--stack', 'Nothing')).toMatch(/^bastion: No stack is called Nothing in us-east-1/);
    expect(await refused()).toMatch(/^bastion: configure: got neither --stack nor --url, expected/);
    expect(await refused('--stack', 'Bastions', '--url', local.api)).toMatch(/got both --stack and --url/);
  });

  it('is swept by its own function, with neither credentials nor a region in the local run', async ({ expect }) => {
    await using operator = await withStack();
    expect(await operator.bastion('sweep', '--dry-run')).toEqual({
      code: 0,
      stdout: 'Every task and security group has its session.\n',
      stderr: '',
    });
    expect(JSON.parse((await operator.bastion('sweep', '--dry-run', '--json')).stdout)).toEqual({ orphans: [] });
    expect(await operator.bastion('sweep', '--stack', 'Other')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^bastion: There is no function Other-sweeper in us-east-1/),
    });
  });
});
