import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { detailType, eventSource, type SessionMove } from '../contracts/events.ts';
import { allow, serviceOfThisAccount } from './functions/permissions.ts';
import { MailTopic } from './mail-topic.ts';
import type { ResolvedProps } from './settings/rules.ts';

/** An address for mails, or a topic that is there already. */
export type EventNoticesProps =
  | { readonly email: string; readonly topicArn?: undefined }
  | { readonly topicArn: string; readonly email?: undefined };

/** Returns the props of the notices, or undefined if a deployment has none. */
export function eventNoticesProps({
  eventEmail: email,
  eventTopicArn: topicArn,
}: Pick<ResolvedProps, 'eventEmail' | 'eventTopicArn'>): EventNoticesProps | undefined {
  if (topicArn !== undefined) return { topicArn };
  return email === undefined ? undefined : { email };
}

/** What a team wants to read. Everything else would be noise. */
const told: readonly SessionMove[] = ['started', 'ending', 'ended'];

/** Tells a mailbox or a topic in one sentence each when sessions start, are about to end, and have ended. */
export class EventNotices extends Construct {
  constructor(scope: Construct, id: string, props: EventNoticesProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
      assumedBy: serviceOfThisAccount('events.amazonaws.com'),
    });
    const topic = this.topicFor(role, props);
    allow(role, { actions: ['sns:Publish'], resources: [topic.topicArn] });
    const input = events.RuleTargetInput.fromEventPath('$.detail.text');
    const retryPolicy = { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(1).toSeconds() };
    const rule = new events.Rule(this, 'Rule', {
      description: 'Tells what becomes of sessions, in one sentence each.',
      eventPattern: {
        source: [eventSource],
        detailType: told.map(detailType),
        detail: { stack: [Stack.of(this).stackName] },
      },
      // CDK's own target warns of a topic by its ARN, whose environment it does not know.
      targets: [{ bind: () => ({ arn: topic.topicArn, role, input, retryPolicy }) }],
    });
    rule.node.addDependency(role);
  }

  private topicFor(role: iam.Role, { email, topicArn }: EventNoticesProps): ITopic {
    if (topicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', topicArn);
    const { key, topic } = new MailTopic(this, 'Email', { email, contents: 'what the events of the bastions say' });
    allow(role, { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] });
    return topic;
  }
}
