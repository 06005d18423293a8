/**
 * moto's gaps, of which no other is accepted. A gap that has closed makes the test fail, and then its entry and its code go.
 *
 * `moto/closed_gaps.py` closes the gaps that would falsify the deployment, and `moto/open_gaps.py` shows on moto as it is that
 * each is still there. A property that moto does not return is only listed.
 */

const noType =
  'moto has the service. Its CloudFormation lacks the type, and would leave the resource out without a word.';

/** The gaps that the tests close or go around, and why. */
export const closedGaps: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': noType,
  'AWS::ApiGatewayV2::Authorizer': noType,
  'AWS::ApiGatewayV2::Integration': noType,
  'AWS::ApiGatewayV2::Route': noType,
  'AWS::ApiGatewayV2::Stage': noType,
  'AWS::CloudWatch::Alarm': noType,
  'AWS::Lambda::EventInvokeConfig': noType,
  'AWS::SNS::Subscription': noType,
  'AWS::SNS::TopicPolicy': noType,
  'AWS::SQS::QueuePolicy': noType,
  'AWS::Scheduler::Schedule': noType,
  'AWS::SecretsManager::Secret': noType,
  'AWS::DynamoDB::Table': 'moto’s CloudFormation makes tables without their time to live and their backups.',
  'AWS::EC2::InternetGateway': 'moto’s CloudFormation neither tags a gateway nor deletes it.',
  'AWS::EC2::RouteTable': 'moto’s CloudFormation never deletes a route table, and the VPC stays with it.',
  'AWS::EC2::SubnetRouteTableAssociation': 'moto’s CloudFormation notes an association, and associates nothing.',
  'AWS::EC2::VPCGatewayAttachment': 'moto’s CloudFormation never detaches a gateway.',
  'AWS::ECS::Cluster': 'moto’s CloudFormation never deletes a cluster.',
  'AWS::ECS::TaskDefinition':
    'moto’s CloudFormation keeps of a task definition its family, containers and volumes alone.',
  'AWS::KMS::Key': 'After moto’s CloudFormation has made a key, moto can’t read its policy, and fails.',
  'AWS::Lambda::Function': 'moto’s CloudFormation makes every function for x86_64.',
  authorizers: 'moto can’t list the authorizers of an API. The inventory finds those that a route names.',
  'bucket policies':
    'moto ignores the conditions of a bucket’s policy. With that of CDK’s bootstrap it would refuse every file, so AWS::S3::BucketPolicy stays out.',
  'custom resources':
    'moto runs functions in Docker alone, and never asks a custom resource to delete. Here Node runs the code of the function’s zip, which answers over TLS as on AWS.',
  deletion: 'moto deletes in no order, and takes the policy RetainExceptOnCreate for Delete.',
  'log group ARNs':
    'The ARN of a log group ends in `:*` on AWS, and policies rely on it. moto’s CloudFormation cuts that off.',
  outputs: 'A stack that a change set made has no outputs in moto.',
  'previous parameters': 'moto takes the previous value of an SSM parameter for the name of one, and fails.',
  stages: 'moto can’t update a stage, so a changed one is deleted and made again.',
  'unknown change sets': 'moto fails where a change set to delete is unknown, and calls it an unknown stack elsewhere.',
};

/** A property of the template that moto does not show as AWS would. */
export interface PropertyGap {
  readonly type: string;
  /** The path that `differences` returns. */
  readonly property: string;
  readonly reason: string;
}

export const propertyGaps: readonly PropertyGap[] = [
  {
    type: 'AWS::ApiGatewayV2::Api',
    property: 'IpAddressType',
    reason: 'moto has no such property of an API. On AWS `ipv4` is the default too.',
  },
  {
    type: 'AWS::EC2::VPC',
    property: 'EnableDnsHostnames',
    reason: 'moto’s CloudFormation does not set the attribute.',
  },
  {
    type: 'AWS::Lambda::Function',
    property: 'LoggingConfig',
    reason: 'moto takes the property and never returns it.',
  },
  {
    type: 'AWS::SecretsManager::Secret',
    property: 'GenerateSecretString',
    reason: 'Secrets Manager returns the secret, and never how it was generated.',
  },
];

/** Resources that moto does not show at all. */
export const hiddenTypes: Readonly<Record<string, string>> = {
  'Custom::Drained':
    'A custom resource is in CloudFormation alone. Its function has answered, or the deployment would have failed.',
};
