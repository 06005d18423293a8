/** `npm start`: the stack on this machine, until Ctrl-C ends everything it started. */
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Closers } from './closers.ts';
import { stamped } from './log-lines.ts';
import { readOptions } from './options.ts';
import { type LocalRun, startLocal } from './run.ts';

function banner({ apiUrl, awsUrl, stack }: LocalRun, seconds: number): string {
  const keys = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];
  const own = keys.find((name) => existsSync(join(homedir(), '.ssh', name)));
  const lines = [
    `API      ${apiUrl}        (the synthesized stack, running here)`,
    `AWS      ${awsUrl}        (emulated: EC2, ECS, Lambda, DynamoDB, EventBridge, SSM)`,
    ...(own === undefined ? ['key      ssh-keygen -t ed25519        (you have no key yet)'] : []),
    `try      curl -X POST --data-binary "@$HOME/.ssh/${own ?? keys[0]}" '${apiUrl}/?user=${userInfo().username}'`,
    ...stack.clusters.map((cluster) => `look     aws --endpoint-url ${awsUrl} ecs list-tasks --cluster ${cluster}`),
    `ready in ${seconds.toFixed(1)} s; Ctrl-C ends everything.`,
  ];
  return `\n${lines.join('\n')}\n`;
}

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
