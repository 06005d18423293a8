import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MailTopic } from './mail-topic.ts';

/** A topic that mails what the alarms say. Only alarms of this account can publish to it. */
export class AlarmTopic extends MailTopic {
  constructor(scope: Construct, id: string, email: string) {
    super(scope, id, { email, contents: 'what the alarms of the bastions say' });
    this.key.addToResourcePolicy(statement(['kms:Decrypt', 'kms:GenerateDataKey*'], '*'));
    this.topic.addToResourcePolicy(statement(['sns:Publish'], this.topic.topicArn));
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
const statement = (actions: string[], resource: string) =>
  new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
