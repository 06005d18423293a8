import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize as synthesizeInto } from '../../local/cloudformation/synthesize.ts';
import { deployInProcess } from '../support/deployment.ts';
import { arjen } from '../support/people.ts';
import { testSettings } from '../support/settings.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { minuteMs } from '../support/time.ts';
import { synthesize } from './synthesize.ts';

describe('the e-mail address of the events', () => {
  let mailed: Template;

  beforeAll(async () => {
    ({ template: mailed } = await synthesize({ eventEmail: 'team@example.com' }));
  });

  it('subscribes to an encrypted topic, to which one role alone may publish', () => {
    const [topic] = Object.keys(mailed.findResources('AWS::SNS::Topic'));
    const [key] = Object.keys(mailed.findResources('AWS::KMS::Key'));
    mailed.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    mailed.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'team@example.com' });
    mailed.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Deny' })] },
    });
    mailed.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Resource: { 'Fn::GetAtt': [key, 'Arn'] },
          },
          { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
        ]),
      },
    });
  });

  it('is told of starts and ends, each in one sentence', async () => {
    await using folder = await makeTemporaryFolder('event-notices');
    await synthesizeInto({ ...testSettings, eventEmail: 'team@example.com' }, folder.path);
    const bastions = await deployInProcess(folder.path);
    await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ttl: '20m' } });
    await bastions.clock.advance(22 * minuteMs);
    const [topic = ''] = bastions.stack.topics;
    expect(bastions.aws.sns.messagesOf(topic)).toEqual([
      '"The bastion of arjen starts."',
      '"The bastion of arjen ends at 00:20 UTC, in about 15 minutes."',
      '"The bastion of arjen ends at 00:20 UTC, in about 5 minutes."',
      '"The bastion of arjen has ended: its time was over."',
    ]);
  });
});

describe('the topic of the events', () => {
  it('is the one that a setting names, and nobody is told without a setting', async () => {
    const eventTopicArn = 'arn:aws:sns:us-east-1:123456789012:team';
    const { template } = await synthesize({ eventTopicArn });
    const toTopic = { Targets: [Match.objectLike({ Arn: eventTopicArn, InputPath: '$.detail.text' })] };
    template.hasResourceProperties('AWS::Events::Rule', toTopic);
    template.resourceCountIs('AWS::SNS::Topic', 0);
    (await synthesize()).template.resourceCountIs('AWS::Events::Rule', 1);
  });
});
