/** Templates as the local run reads them. Other tests read the real one. These have the cases that it lacks. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateSecret, secretRecipe } from '../../local/cloudformation/generated-secret.ts';
import { imageFolders } from '../../local/cloudformation/images.ts';
import { readStack } from '../../local/cloudformation/stack.ts';

const place = { region: 'us-east-1', accountId: '000000000000', stackName: 'Mine', apiUrl: 'http://api' };
const stage = {
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 } },
};
const image = '000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:abc';
const task = {
  Type: 'AWS::ECS::TaskDefinition',
  Properties: {
    Family: 'agent',
    TaskRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    ContainerDefinitions: [{ Name: 'ssm', Image: image, EntryPoint: ['/agent/target/ssm/entrypoint.sh'] }],
  },
};
const policy = (said: string) => ({ Version: '2012-10-17', Statement: [{ Sid: said }] });

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stack-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function stackWith(resources: object) {
  const template = { Resources: { Stage: stage, ...resources } };
  await writeFile(join(directory, 'Mine.template.json'), JSON.stringify(template));
  return readStack(directory, place);
}

describe('a role', () => {
  test('of a task is read with all its policies, and no other role is read', async () => {
    const { taskRoles, taskDefinitions } = await stackWith({
      Task: task,
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyName: 'inline', PolicyDocument: policy('inline') }] },
      },
      Other: { Type: 'AWS::IAM::Role' },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyDocument: policy('attached'), Roles: [{ Ref: 'Other' }, { Ref: 'Role' }] },
      },
      OtherPolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyDocument: policy('other'), Roles: [{ Ref: 'Other' }] },
      },
    });
    expect(taskDefinitions).toMatchObject([{ taskRoleArn: 'arn:aws:iam::000000000000:role/Mine-Role' }]);
    expect(taskRoles).toEqual([
      {
        name: 'Mine-Role',
        id: expect.stringMatching(/^AROA[0-9A-F]{17}$/),
        policies: [policy('inline'), policy('attached')],
      },
    ]);
  });

  test('of a task with managed policies is refused', async () => {
    const Role = { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUser'] } };
    await expect(stackWith({ Task: task, Role })).rejects.toThrow('The task role Role has managed policies');
  });
});

describe('a task definition', () => {
  const withContainer = (properties: object) => ({
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        Family: 'agent',
        Cpu: '256',
        Memory: '512',
        ContainerDefinitions: [{ Name: 'ssh', Image: image, ...properties }],
      },
    },
  });

  test('is read with the user, the rights and the limits of its containers', async () => {
    const { taskDefinitions } = await stackWith(
      withContainer({
        User: 'bastion',
        ReadonlyRootFilesystem: true,
        StopTimeout: 30,
        LinuxParameters: { Capabilities: { Add: ['SYS_PTRACE'], Drop: ['ALL'] }, InitProcessEnabled: true },
        Ulimits: [{ Name: 'nofile', SoftLimit: 1, HardLimit: 2 }],
        SystemControls: [{ Namespace: 'net.a', Value: '0' }],
        LogConfiguration: { LogDriver: 'awslogs' },
      }),
    );
    expect(taskDefinitions).toEqual([
      {
        family: 'agent',
        cpu: '256',
        memory: '512',
        containerDefinitions: [
          {
            name: 'ssh',
            image,
            essential: true,
            environment: [],
            dependsOn: [],
            user: 'bastion',
            readonlyRootFilesystem: true,
            stopTimeout: 30,
            linuxParameters: { capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] }, initProcessEnabled: true },
            ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
            systemControls: [{ namespace: 'net.a', value: '0' }],
          },
        ],
      },
    ]);
  });

  test.each([{ WorkingDirectory: '/' }, { LinuxParameters: { SharedMemorySize: 64 } }])(
    'with %j is refused, because no container here has that',
    async (properties) => {
      await expect(stackWith(withContainer(properties))).rejects.toThrow(/WorkingDirectory|SharedMemorySize/);
    },
  );
});

describe('a secret', () => {
  const recipe = { GenerateStringKey: 'current', SecretStringTemplate: '{"user":"x"}', ExcludePunctuation: true };
  const secret = (properties: object = {}) => ({
    Type: 'AWS::SecretsManager::Secret',
    Properties: { GenerateSecretString: recipe, ...properties },
  });

  test('is generated as the template says, anew for each run, under the same ARN', async () => {
    const { secrets } = await stackWith({ Secret: secret() });
    const [first] = secrets;
    expect(first?.arn).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:Secret-[0-9a-f]{12}-[0-9a-f]{6}$/,
    );
    expect(first?.arn).toContain(`:secret:${first?.name}-`);
    expect(JSON.parse(first?.value ?? '')).toEqual({ user: 'x', current: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    const { secrets: again } = await stackWith({ Secret: secret() });
    expect(again[0]?.arn).toBe(first?.arn);
    expect(again[0]?.value).not.toBe(first?.value);
  });

  test('keeps a name that the template gives it', async () => {
    const { secrets } = await stackWith({
      Secret: secret({ Name: { 'Fn::Join': ['/', [{ Ref: 'AWS::StackName' }, 'webhook']] } }),
    });
    expect(secrets).toMatchObject([{ name: 'Mine/webhook' }]);
  });

  test.each<[object, RegExp]>([
    [{ PasswordLength: 44, ExcludePunctuation: true }, /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{44}$/],
    [{ PasswordLength: 4 }, /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[^A-Za-z0-9])[!-~]{4}$/],
    [
      { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true, ExcludeCharacters: '0' },
      /^[1-9]{32}$/,
    ],
    [
      {
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        ExcludeNumbers: true,
        IncludeSpace: true,
      },
      /^ {32}$/,
    ],
    [{ RequireEachIncludedType: false }, /^[!-~]{32}$/],
  ])('generated by %j looks like %s', (recipe, expected) => {
    for (let round = 0; round < 20; round += 1) expect(generateSecret(v.parse(secretRecipe, recipe))).toMatch(expected);
  });

  test('without a single allowed character is refused', () => {
    const noCharacter = {
      ExcludeLowercase: true,
      ExcludeUppercase: true,
      ExcludePunctuation: true,
      ExcludeNumbers: true,
    };
    expect(() => generateSecret(v.parse(secretRecipe, noCharacter))).toThrow('excludes every character');
  });
});

test('a table without indexes is read too', async () => {
  const Properties = { KeySchema: [], AttributeDefinitions: [], BillingMode: 'PAY_PER_REQUEST' };
  const { tables } = await stackWith({ Table: { Type: 'AWS::DynamoDB::Table', Properties } });
  expect(tables).toEqual([{ TableName: 'Mine-Table', ...Properties }]);
});

describe('images', () => {
  const manifest = (dockerImages: object) =>
    writeFile(join(directory, 'Mine.assets.json'), JSON.stringify({ dockerImages }));
  const resources = { Task: task, Role: { Type: 'AWS::IAM::Role' } };

  test('run from the folder that Docker would build them in, whatever their Dockerfile is called', async () => {
    await manifest({ abc: { source: { directory: 'asset.abc', dockerFile: 'ssm/Dockerfile' } } });
    expect(imageFolders(directory, 'Mine', await stackWith(resources))).toEqual({
      [image]: join(directory, 'asset.abc'),
    });
  });

  test('from elsewhere are refused', async () => {
    await manifest({});
    const stack = await stackWith(resources);
    expect(() => imageFolders(directory, 'Mine', stack)).toThrow(`The image ${image} is not built by this stack`);
  });
});

test('the resources of a stack are listed with the ids that CloudFormation shows', async () => {
  const { resources } = await stackWith({
    Cluster: { Type: 'AWS::ECS::Cluster' },
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: 'vpc-1', GroupDescription: 'a test' } },
  });
  expect(resources).toEqual([
    { logicalId: 'Stage', physicalId: 'Mine-Stage', type: 'AWS::ApiGatewayV2::Stage' },
    { logicalId: 'Cluster', physicalId: 'Mine-Cluster', type: 'AWS::ECS::Cluster' },
    { logicalId: 'Group', physicalId: expect.stringMatching(/^sg-[0-9a-f]{17}$/), type: 'AWS::EC2::SecurityGroup' },
  ]);
});

test('a table has the time to live that its template names', async () => {
  const table = { KeySchema: [], AttributeDefinitions: [], BillingMode: 'PAY_PER_REQUEST' };
  const TimeToLiveSpecification = { AttributeName: 'purgeAt', Enabled: true };
  const { timesToLive } = await stackWith({
    Forever: { Type: 'AWS::DynamoDB::Table', Properties: table },
    Short: { Type: 'AWS::DynamoDB::Table', Properties: { ...table, TimeToLiveSpecification } },
  });
  expect(timesToLive).toEqual([{ tableName: 'Mine-Short', attribute: 'purgeAt' }]);
});
