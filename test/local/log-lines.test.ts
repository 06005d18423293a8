import { describe, expect, it } from 'vitest';
import { type LogEntry, shortLog, verboseLine } from '../../local/log-lines.ts';

const taskArn = 'arn:aws:ecs:us-east-1:000000000000:task/Bastions-AgentsCluster/2da701045a784844a7183e673fa0ea81';
const taskId = '2da701045a784844a7183e673fa0ea81';
const session = { sessionId: 'd8f002cd-38da-41e2-94a9-5060d7c79645', owner: 'arjen', state: 'running', taskArn };

const ofStart = (fields: object): LogEntry => ({
  title: 'Start',
  line: JSON.stringify({ level: 'INFO', timestamp: 't', service: 'start', ...fields }),
});
const ofSshd = (text: string): LogEntry => ({ taskId, container: 'ssh', line: `[${session.sessionId}] ${text}` });
const ofStandIn = (line: string): LogEntry => ({ taskId, container: 'bzero', line });

const shortLines = (...entries: LogEntry[]) => {
  const short = shortLog({
    entranceOf: (id) => (id === taskId ? { host: '127.77.0.2', port: 2222 } : undefined),
    login: () => 'john.doe',
    paint: (_, text) => text,
  });
  return entries.map(short);
};

describe('a short line', () => {
  it('of a ready bastion has the person and the ssh command', () => {
    expect(shortLines(ofStart({ message: 'bastion ready', ...session }))).toEqual([
      expect.stringMatching(/^arjen {9}bastion ready: ssh -p 2222 .*=yes john\.doe@127\.77\.0\.2$/),
    ]);
  });

  it.each([
    [{ message: 'task accepted', ...session }, 'arjen         task accepted'],
    [{ message: 'session removed', ...session, reason: 'stopped' }, 'arjen         session removed'],
    [{ message: 'session removed', ...session, reason: 'expired' }, 'arjen         session removed (expired)'],
    [
      { level: 'ERROR', message: 'start failed', ...session, error: { name: 'E', message: 'no capacity' } },
      'arjen         ERROR  start failed: no capacity',
    ],
    [
      { message: 'orphaned group', resource: 'sg-1', detail: 'session unknown: removed' },
      'Start         orphaned group sg-1: session unknown: removed',
    ],
    [{ message: 'request failed', sessionId: session.sessionId }, 'd8f002cd      request failed'],
    [{ _aws: {}, OldestOverdueSeconds: 0 }, undefined],
  ])('of a decision %j is %j', (fields, expected) => expect(shortLines(ofStart(fields))).toEqual([expected]));

  it('of a function that logs plain text is that text', () => {
    expect(shortLines({ title: 'Start', line: 'plain words' })).toEqual(['Start         plain words']);
  });

  it.each([
    ['Accepted publickey for root from 127.0.0.1 port 39547 ssh2: ED25519 SHA256:yW', 'logged in from 127.0.0.1'],
    ['Disconnected from user root 127.0.0.1 port 39547', 'logged out from 127.0.0.1'],
    ['Connection closed by authenticating user root 127.0.0.1 port 1 [preauth]', 'login root from 127.0.0.1 refused'],
    ['Connection closed by invalid user bob 127.0.0.1 port 1 [preauth]', 'login bob from 127.0.0.1 refused'],
    ['bastion: ended: sshd exited with code 255', 'ended: sshd exited with code 255'],
  ])('of %j says whose task it is', (line, expected) => {
    const [, shown] = shortLines(ofStart({ message: 'task accepted', ...session }), ofSshd(line));
    expect(shown).toBe(`arjen         ${expected}`);
  });

  it('of an unknown task names the task', () => {
    expect(
      shortLines({ taskId, container: 'firewall', line: 'connection from 127.0.0.9 refused: no rule allows it' }),
    ).toEqual(['task 2da701   connection from 127.0.0.9 refused: no rule allows it']);
  });

  it.each([
    'Connection from 127.0.0.1 port 44060 on 127.78.0.2 port 2222 rdomain ""',
    'Connection closed by 127.0.0.1 port 44060 [preauth]',
    'Server listening on 127.78.0.2 port 2222.',
    'Accepted key ED25519 SHA256:yW found at /home/x/.local/run-1/tasks/task-1/authorized_keys:1',
    'bastion: login root, latest end 1795823646, key 256 SHA256:yW no comment (ED25519)',
    'bastion: up: login bastion, port 2222, latest end 1795836940, key 256 SHA256:0E no comment (ED25519)',
    'bastion: ended by a signal',
    '    | Accepted publickey for root from 192.0.2.1 port 1',
  ])('does not exist for %j', (line) => expect(shortLines(ofSshd(line))).toEqual([undefined]));

  it('says once that a stand-in runs', () => {
    const line = "stand-in for bzero, the vendor's is not installed here: would run bzero -activationToken SHA-256 abc";
    const running = "stand-in for bzero, the vendor's is not installed here: registered, and would now dial out";
    expect(shortLines(ofStandIn(line), ofStandIn(running))).toEqual([
      'task 2da701   bzero is not installed here, so a stand-in takes its place',
      undefined,
    ]);
  });
});

describe('a verbose line', () => {
  it.each<[LogEntry, string | undefined]>([
    [{ title: 'Start', line: 'plain words' }, 'Start         plain words'],
    [ofStart({ message: 'ready', sessionId: 's-1' }), 'Start         ready  sessionId=s-1'],
    [
      ofStart({ level: 'ERROR', message: 'failed', error: { name: 'E', message: 'why' } }),
      'Start         ERROR  failed  why',
    ],
    [{ title: 'Start', line: '{"_aws":{},"OldestOverdueSeconds":0}' }, undefined],
    [ofSshd('Server listening'), `task 2da701   ssh: [${session.sessionId}] Server listening`],
  ])('of %j is %j', (entry, expected) => expect(verboseLine(entry)).toBe(expected));
});
