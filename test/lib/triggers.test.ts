import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';

let template: Template;

beforeAll(async () => {
  ({ template } = await synthesize());
});

const idsOf = (type: string) => Object.keys(template.findResources(type));

describe('a trigger', () => {
  const failureQueue = () => ({ 'Fn::GetAtt': [idsOf('AWS::SQS::Queue')[0], 'Arn'] });

  it.each([
    ['Reaper', 'rate(1 minute)', 60, {}],
    ['Sweeper', 'rate(10 minutes)', 600, { Input: '{"dryRun":false}' }],
  ])('runs the %s at a %s, and tries again until the next run is due', (name, rate, seconds, target) => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: rate,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Functions${name}Function`), 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: seconds },
        // A hiccup of the Scheduler would lie in the queue for days, and its alarm would ring as long.
        DeadLetterConfig: Match.absent(),
        ...target,
      },
    });
  });

  it('comes into being after its permission, because a schedule begins at once', () => {
    const policies = idsOf('AWS::IAM::Policy').filter((id) => /^TriggersEvery.*RoleDefaultPolicy/.test(id));
    const schedules = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    expect(schedules.flatMap(({ DependsOn }) => DependsOn)).toEqual(expect.arrayContaining(policies));
    expect(policies).toHaveLength(schedules.length);
  });

  it('takes the events of stopped tasks in this cluster, and no others', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: {
          clusterArn: [{ 'Fn::GetAtt': [idsOf('AWS::ECS::Cluster')[0], 'Arn'] }],
          lastStatus: ['STOPPED'],
        },
      },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: failureQueue() } })],
    });
  });

  it.each(['Teardown', 'TaskStopped'])('tries %s three times, and then keeps the event in the queue', (name) => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp(`^Functions${name}Function`) },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: failureQueue() } },
    });
  });
});
