import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LogMetrics } from '../../lambdas/aws/cloudwatch/log-metrics.ts';
import { root, synthesize } from './synthesize.ts';

let template: Template;

beforeAll(async () => {
  ({ template } = await synthesize());
});

describe('the alarms', () => {
  const names = () =>
    Object.keys(template.findResources('AWS::CloudWatch::Alarm')).map((id) => id.replace(/^Alarms(.*).{8}$/, '$1'));

  it('each have a section in the runbook, before the sections that no alarm leads to', async () => {
    const runbook = await readFile(join(root, 'docs/runbook.md'), 'utf8');
    const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(sections).toEqual([...names(), 'Draining', 'FailedStarts', 'EmptyPool', 'HostKeyMismatch']);
  });

  it('each name their section of the runbook', () => {
    for (const name of names()) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmDescription: Match.stringLikeRegexp(`docs/runbook.md, section ${name}\\.$`),
      });
    }
  });

  it.each([
    ['reaper', { MetricName: 'OldestOverdueSeconds', Threshold: 600, Period: 300, EvaluationPeriods: 3 }],
    [
      'sweeper',
      {
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^FunctionsSweeperFunction') } }],
        Period: 600,
        EvaluationPeriods: 3,
      },
    ],
  ])('count a silent %s as a failing one', (_, metric) => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...metric, TreatMissingData: 'breaching' });
  });

  it('notify a topic only if a setting names one', async () => {
    const topic = 'arn:aws:sns:eu-west-1:123456789012:ops';
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() });
    const withTopic = await synthesize({ alarmTopicArn: topic });
    withTopic.template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [topic] });
  });
});

describe('the e-mail address of the alarms', () => {
  let mailed: Template;

  beforeAll(async () => {
    mailed = (await synthesize({ alarmEmail: 'ops@example.com' })).template;
  });

  const onlyAlarmsOfThisAccount = {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  };

  it('subscribes to a topic that every alarm notifies', () => {
    const [topic] = Object.keys(mailed.findResources('AWS::SNS::Topic'));
    mailed.resourceCountIs('AWS::SNS::Topic', 1);
    mailed.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: topic }] });
    mailed.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: { Ref: topic },
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
  });

  it('gets messages that only alarms of this account can publish, over TLS', () => {
    mailed.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Action: 'sns:Publish', ...onlyAlarmsOfThisAccount }),
        ],
      },
    });
  });

  it('gets messages that are encrypted by a key which those alarms may use', () => {
    const [key] = Object.keys(mailed.findResources('AWS::KMS::Key'));
    mailed.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    mailed.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Delete',
      Properties: {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], ...onlyAlarmsOfThisAccount }),
          ]),
        },
      },
    });
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const embeddedMetric = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.strictTuple([
      v.object({
        Namespace: v.string(),
        Dimensions: v.strictTuple([v.array(v.string())]),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ]),
  }),
});

const metrics = new LogMetrics('Bastions');

describe('a metric', () => {
  it.each([
    ['the reaper', () => metrics.reaped({ oldestOverdueSeconds: 7 })],
    ['the sweeper', () => metrics.swept({ seen: 2, removed: 1 })],
  ])('of %s is one that an alarm watches', (_, write) => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    write();
    const line = String(stdout.mock.calls[0]?.[0]);
    stdout.mockRestore();

    const written = v.parse(embeddedMetric, JSON.parse(line));
    const [{ Namespace, Dimensions, Metrics }] = written._aws.CloudWatchMetrics;
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => Properties.Namespace === Namespace,
    );
    expect(alarms.map(({ Properties }) => [Properties.MetricName, Properties.Dimensions])).toContainEqual([
      Metrics[0]?.Name,
      Dimensions[0].map((name) => ({ Name: name, Value: written[name] })),
    ]);
  });

  it('costs nothing for a sweep that finds no orphan, because the sweeper writes none', () => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    metrics.swept({ seen: 0, removed: 0 });
    const calls = stdout.mock.calls.length;
    stdout.mockRestore();
    expect(calls).toBe(0);
  });
});
