import { CfnOutput, Stack, type StackProps, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Bastions } from './bastions.ts';
import type { BastionsProps } from './bastions-props.ts';

export interface BastionStackProps extends StackProps, BastionsProps {
  /**
   * Region by whose list prices the output `PoolPricePerMonth` says what the pool costs, and the dashboard what sessions cost.
   *
   * @default - the region in `env`. A stack without one has no such output and graph.
   */
  readonly priceRegion?: string | undefined;
}

/** A stack with `Bastions`, and the outputs that a person needs. */
export class BastionStack extends Stack {
  readonly bastions: Bastions;

  /** @throws InvalidProps that lists every wrong prop. */
  constructor(scope: Construct, id: string, props: BastionStackProps = {}) {
    super(scope, id, { description: 'SSH bastions that exist only while somebody needs them', ...props });
    // Under the id `Default` a construct adds nothing to the logical ids of its resources.
    this.bastions = new Bastions(this, 'Default', props);
    const { apiUrl, webhookUrl, webhookSecretName, clientSecurityGroup } = this.bastions;

    new CfnOutput(this, 'ApiUrl', { value: apiUrl });
    // The secret reaches curl on standard input, where no process list shows it.
    const curl = [
      '{ echo "user = \\"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\\"";',
      '[ -z "$AWS_SESSION_TOKEN" ] || echo "header = \\"x-amz-security-token: $AWS_SESSION_TOKEN\\""; } |',
      `curl -K - --aws-sigv4 aws:amz:${this.region}:execute-api`,
    ].join(' ');
    new CfnOutput(this, 'Try', {
      description: 'Starts your bastion. Run this before: eval "$(aws configure export-credentials --format env)"',
      value: `${curl} --data-binary "@$HOME/.ssh/id_ed25519.pub" ${apiUrl}/`,
    });
    new CfnOutput(this, 'HostKeys', {
      description: 'Gets the host keys of your bastion, by which ssh knows it',
      // The file changes only once the keys are there, and as a whole: an old key would stay trusted.
      value: `${curl} -fsS -o ~/.ssh/bastion.new ${apiUrl}/known_hosts && mv ~/.ssh/bastion.new ~/.ssh/bastion_known_hosts`,
    });
    new CfnOutput(this, 'ClientSecurityGroup', {
      description: 'Security group of every bastion and target, for the rules of what they may reach',
      value: clientSecurityGroup.securityGroupId,
    });
    const priceRegion = Token.isUnresolved(this.region) ? props.priceRegion : this.region;
    if (priceRegion !== undefined) this.bastions.showCost(priceRegion);
    this.poolOutput(priceRegion);
    if (webhookSecretName !== undefined) this.webhookOutputs(webhookUrl, webhookSecretName);
  }

  private poolOutput(region: string | undefined): void {
    const price = region === undefined ? undefined : this.bastions.poolPricePerMonth(region);
    if (price === undefined) return;
    new CfnOutput(this, 'PoolPricePerMonth', {
      description: `Dollars per month for the bastions of the pool, by the list prices of ${region}`,
      value: price.toFixed(2),
    });
  }

  private webhookOutputs(url: string, secretName: string): void {
    new CfnOutput(this, 'WebhookStartUrl', { value: `${url}/start` });
    new CfnOutput(this, 'WebhookStopUrl', { value: `${url}/stop` });
    new CfnOutput(this, 'WebhookHealthUrl', { value: `${url}/health` });
    new CfnOutput(this, 'WebhookSecretName', {
      description: 'Name of the secret that the service needs beside the three URLs',
      value: secretName,
    });
    new CfnOutput(this, 'ReadWebhookSecret', {
      description: 'Prints the secret',
      value: [
        `aws secretsmanager get-secret-value --region ${this.region} --secret-id ${secretName}`,
        '--query SecretString --output text | jq -r .current',
      ].join(' '),
    });
  }
}
