import { describe, expect, test } from 'vitest';
import { matchesPattern, parsePattern } from '../../emulator/events/pattern.ts';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import { emulated } from './emulated.ts';

const event = {
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  resources: ['arn:one', 'arn:two'],
  detail: { lastStatus: 'STOPPED', startedBy: 'session-1', version: 3, group: null },
};

describe('an event pattern', () => {
  test.each<[object, boolean]>([
    [{}, true],
    [{ source: ['aws.ecs'] }, true],
    [{ source: ['aws.ec2', 'aws.ecs'] }, true],
    [{ source: ['aws.ec2'] }, false],
    [{ source: ['aws.ecs'], 'detail-type': ['Other'] }, false],
    [{ source: [] }, false],
    [{ resources: ['arn:two'] }, true],
    [{ resources: ['arn:three'] }, false],
    [{ detail: { lastStatus: ['RUNNING', 'STOPPED'] } }, true],
    [{ detail: { version: [3] } }, true],
    [{ detail: { version: ['3'] } }, false],
    [{ detail: { group: [null] } }, true],
    [{ detail: { lastStatus: { deeper: ['x'] } } }, false],
    [{ detail: { startedBy: [{ prefix: 'session-' }] } }, true],
    [{ detail: { startedBy: [{ prefix: 'other-' }] } }, false],
    [{ detail: { startedBy: [{ exists: true }] } }, true],
    [{ detail: { startedBy: [{ exists: false }] } }, false],
    [{ detail: { stopCode: [{ exists: false }] } }, true],
    [{ detail: { lastStatus: [{ 'anything-but': 'RUNNING' }] } }, true],
    [{ detail: { lastStatus: [{ 'anything-but': ['RUNNING', 'STOPPED'] }] } }, false],
    [{ detail: { startedBy: [{ 'anything-but': { prefix: 'session-' } }] } }, false],
    [{ detail: { stopCode: [{ 'anything-but': 'x' }] } }, false],
    [{ toString: [{ exists: false }] }, true],
  ])('%j matches the event: %s', (pattern, expected) => {
    expect(matchesPattern(parsePattern('rule', pattern), event)).toBe(expected);
  });

  test.each([{ source: 'aws.ecs' }, { source: [{ suffix: 'ecs' }] }, 'source'])(
    'the pattern %j is refused',
    (pattern) => {
      expect(() => parsePattern('my-rule', pattern)).toThrow('Rule my-rule has an event pattern that is not emulated');
    },
  );
});

/** Makes an account with a function that collects the events it gets, and a way to call EventBridge. */
function withListener() {
  const account = emulated();
  const deliveries: { event: unknown; atMinute: number }[] = [];
  const startedAt = account.clock.now();
  account.aws.lambda.registerFunction({
    name: 'listener',
    timeoutSeconds: 3,
    async invoke(event) {
      deliveries.push({ event, atMinute: (account.clock.now() - startedAt) / minuteMs });
    },
  });
  const call = async (action: string, input: object) => {
    const headers = { 'x-amz-target': `AWSEvents.${action}` };
    const body = textBody(JSON.stringify(input));
    return JSON.parse(
      bodyText(await account.clock.run(account.aws.handle({ method: 'POST', path: '/', headers, body }))),
    );
  };
  return { ...account, deliveries, call };
}

test('PutEvents reaches the functions whose rule matches, and ListRules shows the rules', async () => {
  const { aws, clock, deliveries, call } = withListener();
  aws.events.putRule({ name: 'orders', pattern: { source: ['shop'] }, targets: [{ arn: 'listener' }] });
  aws.events.putRule({ name: 'others', pattern: { source: ['other'] }, targets: [{ arn: 'listener' }] });
  const Detail = JSON.stringify({ order: 1 });
  const answer = await call('PutEvents', { Entries: [{ Source: 'shop', DetailType: 'Order', Detail }] });
  expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
  await clock.advance(0);
  expect(deliveries).toMatchObject([{ event: { source: 'shop', 'detail-type': 'Order', detail: { order: 1 } } }]);
  expect(await call('ListRules', {})).toMatchObject({
    Rules: [{ Name: 'orders', State: 'ENABLED' }, { Name: 'others' }],
  });
});

test('PutEvents refuses a detail that is not JSON', async () => {
  const { call } = withListener();
  const Entries = [{ Source: 'shop', DetailType: 'Order', Detail: 'text' }];
  expect(await call('PutEvents', { Entries })).toMatchObject({ __type: 'ValidationException' });
});

test('a rule with a missing function is refused', () => {
  const { aws } = withListener();
  const put = () =>
    aws.events.putRule({ name: 'orders', pattern: {}, targets: [{ arn: 'listener' }, { arn: 'none' }] });
  expect(put).toThrow('Rule orders has the target none, expected a function or a topic.');
});

describe('a schedule', () => {
  test.each([
    ['rate(1 minute)', 3, [0, 1, 2, 3]],
    ['rate(5 minutes)', 12, [0, 5, 10]],
    ['rate(1 hour)', 125, [0, 60, 120]],
  ])('%s fires at once and then in every period', async (expression, minutes, expected) => {
    const { aws, clock, deliveries } = withListener();
    aws.scheduler.putSchedule({ name: 'reaper', expression, target: 'listener', input: { why: 'time' } });
    await clock.advance(minutes * minuteMs);
    expect(deliveries.map(({ atMinute }) => atMinute)).toEqual(expected);
    expect(deliveries[0]?.event).toEqual({ why: 'time' });
  });

  test.each(['rate(0 minutes)', 'rate(30 seconds)', 'cron(0 * * * ? *)'])('%s is refused', (expression) => {
    const { aws } = withListener();
    const put = () => aws.scheduler.putSchedule({ name: 'reaper', expression, target: 'listener' });
    expect(put).toThrow(`Schedule reaper has the expression "${expression}", expected rate(`);
  });

  test('with a missing function is refused', () => {
    const { aws } = withListener();
    const put = () => aws.scheduler.putSchedule({ name: 'reaper', expression: 'rate(1 minute)', target: 'none' });
    expect(put).toThrow('Schedule reaper has the target none, expected a registered function.');
  });
});
