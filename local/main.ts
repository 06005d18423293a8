/** `npm start`: the stack on this machine, until Ctrl-C ends everything it started. */
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { Closers } from './closers.ts';
import { stamped } from './log-lines.ts';
import { readOptions } from './options.ts';
import { type LocalRun, startLocal } from './run.ts';

function banner({ apiUrl, awsUrl, aws, stack }: LocalRun, seconds: number): string {
  const keys = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];
  const own = keys.find((name) => existsSync(join(homedir(), '.ssh', name)));
  // As it works for somebody who has never configured the CLI.
  const cli = `aws --region ${aws.region} --no-sign-request`;
  const lines = [
    `API      ${apiUrl}        (the synthesized stack, running here)`,
    `AWS      ${awsUrl}        (emulated: EC2, ECS, Lambda, DynamoDB, EventBridge, SSM, Secrets Manager)`,
    ...(own === undefined ? ['key      ssh-keygen -t ed25519        (you have no key yet)'] : []),
    `try      curl -X POST --data-binary "@$HOME/.ssh/${own ?? keys[0]}" '${apiUrl}/?user=${userInfo().username}'`,
    ...stack.secrets.map(({ value }) => `webhooks ${startTarget(value, apiUrl)}`),
    ...stack.clusters.map((cluster) => `look     ${cli} --endpoint-url ${awsUrl} ecs list-tasks --cluster ${cluster}`),
    `ready in ${seconds.toFixed(1)} s; Ctrl-C ends everything.`,
  ];
  return `\n${lines.join('\n')}\n`;
}

/** As BastionZero would ask, with an activation that is none. */
function startTarget(secret: string, apiUrl: string): string {
  const { current } = v.parse(webhookSecret, JSON.parse(secret));
  const activation = { activationId: 'aid', activationRegion: 'us-east-1', activationCode: 'acode' };
  return `curl -H "Authorization: Basic ${current}" -d '${JSON.stringify(activation)}' ${apiUrl}/start`;
}

const webhookSecret = v.object({ current: v.string() });

const closers = new Closers();
closers.closeOnSignal();
try {
  const began = performance.now();
  const log = (source: string, line: string) => console.log(stamped(source, line));
  const run = await startLocal({ ...readOptions(process.argv.slice(2), process.env), log }, closers);
  console.log(banner(run, (performance.now() - began) / 1000));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await closers.close();
  process.exitCode = 1;
}
