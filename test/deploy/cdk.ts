/** Runs the CDK's command against moto, in a home of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');

export const region = 'us-east-1';
/** The account that moto puts every caller into. */
export const accountId = '123456789012';

/** Settings that bring every kind of resource into the template. */
export const settings = {
  admins: 'arn:aws:iam::123456789012:user/root',
  agents: 'ssh,ssm,bzero-ssm,bzero',
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'bastion-page',
  oidcAudience: 'bastions',
  oidcScopes: 'bastions/use',
  oidcDomains: 'example.com',
  ciIssuer: 'https://token.actions.githubusercontent.com',
  ciAudience: 'bastions-ci',
  ciRepositories: 'example/*',
  poolSize: '2',
  dashboard: 'true',
  alarmEmail: 'alarms@example.com',
  eventEmail: 'events@example.com',
};

export type Settings = Readonly<Record<string, string>>;

/** What the third deployment changes. */
export const changedSettings = { ...settings, defaultTtl: '2h', rateLimit: '15' };

export const contextOf = (settings: Settings): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Runs `cdk` with the arguments. Returns what it printed, and throws that if it failed. */
export type Cdk = (...args: readonly string[]) => Promise<string>;

/** @param folder holds the home, and the images that were built and pushed */
export async function makeCdk(url: string, folder: string): Promise<Cdk> {
  const home = join(folder, 'home');
  const docker = join(folder, 'docker');
  await mkdir(home);
  await writeFile(
    docker,
    `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, 'stand-in-docker.ts')}' "$@"\n`,
  );
  await chmod(docker, 0o755);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'deployer',
    AWS_SECRET_ACCESS_KEY: 'not-checked-here',
    AWS_ENDPOINT_URL: url,
    // The address of the template, which moto reads only where it is on localhost.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: url.replace('127.0.0.1', 'localhost'),
    CDK_DOCKER: docker,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    STAND_IN_DOCKER_IMAGES: join(folder, 'images'),
  };
  return async (...args) => {
    const command = [join(bin, 'cdk'), ...args, '--no-notices', '--no-color', '--ci'];
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const printed = `${stdout}\n${stderr}`;
    if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${code}:\n${printed}`);
    return printed;
  };
}
