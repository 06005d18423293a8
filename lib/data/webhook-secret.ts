import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { env } from '../../contracts/stack.ts';
import { allow } from '../functions/permissions.ts';
import type { ResolvedProps } from '../settings/rules.ts';

/** The secret that webhooks authenticate with: JSON `{"current": "…"}`, during a rotation with `"previous": "…"`. */
export class WebhookSecret extends Construct {
  private readonly secret: Secret;
  private readonly hmac: boolean;

  constructor(scope: Construct, id: string, { webhookHmac }: Pick<ResolvedProps, 'webhookHmac'>) {
    super(scope, id);
    this.hmac = webhookHmac;
    this.secret = new Secret(this, 'Secret', {
      description: 'Shared with the service that calls /start and /stop.',
      // Keep this as it is: after a change CloudFormation would generate a new secret and lock the service out.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'current',
        passwordLength: 44,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Only a person can give each new secret to the service that calls.',
    });
  }

  get name(): string {
    return this.secret.secretName;
  }

  /** Permission to read the secret, to check a webhook's caller. */
  grantRead(fn: lambda.Function): void {
    fn.addEnvironment(env.webhookSecret, this.secret.secretArn);
    fn.addEnvironment(env.webhookHmac, String(this.hmac));
    allow(fn, { actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] });
  }
}
