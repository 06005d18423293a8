/** A person at a terminal, who calls the local run's API with curl. */
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, vi } from 'vitest';
import type { LocalRun } from './local-run.ts';
import { type KeyPair, run, type SshTarget } from './ssh.ts';

export const asJson = ['-H', 'accept: application/json'];

export class User {
  readonly #local: LocalRun;
  readonly #name: string;
  readonly #key: KeyPair;

  constructor(local: LocalRun, name: string, key: KeyPair) {
    this.#local = local;
    this.#name = name;
    this.#key = key;
  }

  post(...args: string[]) {
    return curl(
      this.#local,
      `/?user=${this.#name}`,
      '-X',
      'POST',
      '--data-binary',
      `@${this.#key.privateKey}.pub`,
      ...args,
    );
  }

  async delete(): Promise<void> {
    expect((await curl(this.#local, `/?user=${this.#name}`, '-X', 'DELETE')).status).toBe(200);
  }

  /** Starts a bastion. @returns its id, and the target for ssh */
  async start(): Promise<{ sessionId: string; target: SshTarget }> {
    const { status, body } = await this.post(...asJson);
    expect({ status, body }).toMatchObject({ status: 200 });
    const { sessionId, host, port, login } = JSON.parse(body);
    return { sessionId, target: { host, port, login, identity: this.#key.privateKey } };
  }
}

/** Sends one request with curl. @returns status, headers in lower case, body */
export async function curl(local: LocalRun, path: string, ...args: string[]) {
  const { stdout } = await run('curl', ['-sS', '-i', ...args, `${local.api}${path}`]);
  const [head = '', ...body] = stdout.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: body.join('\r\n\r\n') };
}

/** Waits until the session has ended and its security group is gone. @returns the session as the API lists it */
export async function untilGone(local: LocalRun, sessionId: string, timeoutMs = 30_000): Promise<{ reason: string }> {
  const ec2 = new EC2Client({
    endpoint: local.aws,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return vi.waitFor(
    async () => {
      const { sessions } = JSON.parse((await curl(local, '/sessions')).body);
      const session = sessions.find((one: { sessionId: string }) => one.sessionId === sessionId);
      expect(session).toMatchObject({ state: 'stopped' });
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
      expect(SecurityGroups.map(({ GroupName }) => GroupName)).not.toContain(`bastion-${sessionId}`);
      return session;
    },
    { timeout: timeoutMs, interval: 200 },
  );
}
