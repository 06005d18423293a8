import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Agents } from './agents/agents.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { Handoff } from './data/handoff-table.ts';
import { SessionTable } from './data/session-table.ts';
import { WebhookSecret } from './data/webhook-secret.ts';
import { Drain } from './drain.ts';
import { Functions, type FunctionsProps } from './functions/functions.ts';
import { Network } from './network.ts';
import type { Config } from './settings/config.ts';
import { Triggers } from './triggers.ts';

export interface BastionStackProps extends StackProps {
  readonly config: Config;
  readonly bundles: FunctionsProps['bundles'];
}

/** The map of a deployment: what there is, and what is connected with what. */
export class BastionStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles, ...props }: BastionStackProps) {
    super(scope, id, { ...props, description: 'SSH bastions that exist only while somebody needs them' });

    const table = new SessionTable(this, 'Sessions');
    const network = new Network(this, 'Network', config);
    const handoff = new Handoff(this, 'Handoff');
    const agents = new Agents(this, 'Agents', { config, handoff });
    const webhookSecret = agents.haveWebhooks ? new WebhookSecret(this, 'Webhooks', config) : undefined;
    const functions = new Functions(this, 'Functions', {
      bundles,
      config,
      table,
      handoff,
      agents,
      network,
      webhookSecret,
    });
    const triggers = new Triggers(this, 'Triggers', { clusterArn: agents.clusterArn, functions });
    const api = new Api(this, 'Api', { config, functions });
    new Drain(this, 'Drain', {
      fn: functions.drain,
      needed: [table, network, handoff, agents],
      closedFirst: [api, triggers],
    });
    new Alarms(this, 'Alarms', {
      config,
      reaper: functions.reaper,
      sweeper: functions.sweeper,
      failures: triggers.failures,
    });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'Try', {
      description: 'Starts your bastion; first: eval "$(aws configure export-credentials --format env)"',
      value: [
        `curl --aws-sigv4 aws:amz:${this.region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,
        `\${AWS_SESSION_TOKEN:+-H "x-amz-security-token: $AWS_SESSION_TOKEN"} --data-binary "@$HOME/.ssh/id_ed25519.pub" ${api.url}/`,
      ].join(' '),
    });
    if (webhookSecret) this.tellAboutWebhooks(api, webhookSecret);
  }

  private tellAboutWebhooks({ url }: Api, secret: WebhookSecret): void {
    new CfnOutput(this, 'WebhookStartUrl', { value: `${url}/start` });
    new CfnOutput(this, 'WebhookStopUrl', { value: `${url}/stop` });
    new CfnOutput(this, 'WebhookHealthUrl', { value: `${url}/health` });
    new CfnOutput(this, 'WebhookSecretName', {
      description: 'Holds what the service must be told beside the three URLs',
      value: secret.name,
    });
    new CfnOutput(this, 'ReadWebhookSecret', {
      description: 'Prints the secret',
      value: [
        `aws secretsmanager get-secret-value --region ${this.region} --secret-id ${secret.name}`,
        '--query SecretString --output text | jq -r .current',
      ].join(' '),
    });
  }
}
