import { SecretValue, Stack } from 'aws-cdk-lib';
import { ApiDestination, Authorization, Connection, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export class Chat extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const connection = new Connection(this, 'Bot', {
      authorization: Authorization.apiKey('Authorization', SecretValue.secretsManager('slack-authorization')),
    });
    const slack = new ApiDestination(this, 'Slack', { connection, endpoint: 'https://slack.com/api/chat.postMessage' });
    const { apiDestinationArn: arn } = slack;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    role.addToPolicy(new PolicyStatement({ actions: ['events:InvokeApiDestination'], resources: [arn] }));
    const input = RuleTargetInput.fromObject({ channel: 'C0123456789', text: EventField.fromPath('$.detail.text') });
    new Rule(this, 'Rule', {
      eventPattern: {
        source: ['bastion-on-demand'],
        detailType: ['bastion.session.started', 'bastion.session.ending', 'bastion.session.ended'],
        detail: { stack: ['Bastions'] },
      },
      targets: [{ bind: () => ({ arn, role, input }) }],
    });
  }
}
