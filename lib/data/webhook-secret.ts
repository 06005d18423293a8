import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { env } from '../../contracts/stack.ts';
import { allow } from '../functions/permissions.ts';
import type { Config } from '../settings/config.ts';

/** What webhooks authenticate with: JSON `{"current": "…"}`, during a rotation with `"previous": "…"`. */
export class WebhookSecret extends Construct {
  private readonly secret: Secret;
  private readonly hmac: boolean;

  constructor(scope: Construct, id: string, { webhookHmac }: Pick<Config, 'webhookHmac'>) {
    super(scope, id);
    this.hmac = webhookHmac;
    this.secret = new Secret(this, 'Secret', {
      description: 'Shared with the service that calls /start and /stop.',
      // CloudFormation draws a new secret whenever this changes, and so would lock the service out.
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
      reason: 'The service on the other side has to be told each new secret, which only a person can do.',
    });
  }

  get name(): string {
    return this.secret.secretName;
  }

  /** To check who calls. */
  grantRead(fn: lambda.Function): void {
    fn.addEnvironment(env.webhookSecret, this.secret.secretArn);
    fn.addEnvironment(env.webhookHmac, String(this.hmac));
    allow(fn, { actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] });
  }
}
