/** The network of tasks in Docker: the address for people is the only way in, and the emulated AWS answers tasks alone. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { serveAws } from '../../emulator/server.ts';
import { DockerError, dockerCli } from '../../local/fargate/docker/cli.ts';
import { baseImage, makeDockerHost } from './container-host.ts';

/** Greets each client of port 2222 with the address that it comes from. */
const server = `exec perl -MIO::Socket::INET -e '
  $server = IO::Socket::INET->new(LocalPort => 2222, Listen => 9) or die;
  print STDERR "listens\\n";
  while ($client = $server->accept) { print $client "hello ", $client->peerhost, "\\n"; close $client }'`;

/** Prints what a server says. Fails when it says nothing. */
const client = (host: string, port = 2222) => `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}; cat <&3 | grep .'`;

/** Starts a task with the server. */
async function startServer() {
  const docker = await makeDockerHost();
  const { publicIp } = await docker.attach('server');
  await docker.start('server', server, { environment: { SSH_PORT: '2222' } });
  await expect.poll(() => docker.lines, { timeout: 30_000 }).toContain('server one listens');
  const [id = ''] = (await dockerCli.run(['ps', '--quiet', '--filter', `network=${docker.network.name}`])).split('\n');
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return { ...docker, publicIp, containerIp: await dockerCli.run(['inspect', '--format', format, id]) };
}

/** What a server says to a client on this machine; the code of the error instead of an answer. */
async function greeting(host: string, localAddress: string): Promise<string> {
  const socket = connect({ host, port: 2222, localAddress });
  return Promise.race([text(socket).catch(String), once(socket, 'error').then(([error]) => String(error))]);
}

describe('a task', () => {
  it('is reached at its public address, from the addresses that its security group allows', async () => {
    const { publicIp, network, admitted, lines } = await startServer();
    expect(await greeting(publicIp, '127.0.0.1')).toBe(`hello ${network.machineIp}\n`);
    expect(lines).toContain(
      `server firewall the container sees every connection as from ${network.machineIp}, this machine`,
    );
    expect(await greeting(publicIp, '127.0.0.9')).toMatch(/ECONNRESET/);
    expect(lines).toContain('server firewall connection from 127.0.0.9 refused: no rule allows it');
    admitted.add('127.0.0.9');
    expect(await greeting(publicIp, '127.0.0.9')).toBe(`hello ${network.machineIp}\n`);
  });

  it('is out of reach of the other containers', async () => {
    const { publicIp, containerIp, network, run, start } = await startServer();
    const own = await start('server', client(containerIp), { name: 'own' });
    expect(await own.exited).toBe(0); // a client in the same task gets through
    expect(await run(client(containerIp))).toMatchObject({ code: 124 });
    expect(await run(client(publicIp))).toMatchObject({ code: 1 });
    expect(await run(client(network.machineIp))).toMatchObject({ code: 1 });
    const elsewhere = dockerCli.run([
      'run',
      '--rm',
      '--network',
      'bridge',
      baseImage,
      'bash',
      '-c',
      client(containerIp),
    ]);
    await expect(elsewhere).rejects.toThrow(DockerError);
  });
});

describe('the emulated AWS', () => {
  /** A request for the metadata of a task, and one that takes a signature. */
  const requests = {
    metadata: { line: 'GET /v4/none/task HTTP/1.0', rest: '\\r\\n' },
    call: {
      line: 'POST / HTTP/1.0',
      rest: 'x-amz-target: DynamoDB_20120810.ListTables\\r\\ncontent-length: 2\\r\\n\\r\\n{}',
    },
  };

  async function serveTasks() {
    const docker = await makeDockerHost();
    const aws = createAws({ clock: realClock, containerHost: docker.host });
    const listening = await serveAws(aws, {
      host: docker.network.machineIp,
      port: 0,
      isTask: docker.network.isContainer,
    });
    onTestFinished(async () => {
      await listening.close();
      await aws.close();
    });
    const { host, hostname, port } = new URL(listening.url);
    const send = (name: keyof typeof requests) => {
      const request = `${requests[name].line}\\r\\nhost: ${host}\\r\\n${requests[name].rest}`;
      return `timeout 5 bash -c 'exec 3<>/dev/tcp/${hostname}/${port}; printf "${request}" >&3; cat <&3 | grep .'`;
    };
    return { ...docker, url: listening.url, send };
  }

  it('answers the tasks of this run, and refuses a call that no task has signed', async () => {
    const { run, send } = await serveTasks();
    expect((await run(send('metadata'))).lines).toContainEqual(expect.stringContaining('of a task that runs'));
    expect((await run(send('call'))).lines).toContainEqual(expect.stringContaining('UnrecognizedClientException'));
  });

  it('answers neither another container nor a program of this machine', async () => {
    const { send, url } = await serveTasks();
    const elsewhere = dockerCli.run(['run', '--rm', '--network', 'bridge', baseImage, 'bash', '-c', send('metadata')]);
    await expect(elsewhere).rejects.toThrow(DockerError);
    await expect(fetch(`${url}/v4/none/task`)).rejects.toThrow('fetch failed');
  });
});
