/** The stack of docs/events.md that tells a chat. The compiler and the linter check it as `chat.ts`. */
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { EventNotices } from '../../lib/event-notices.ts';
import { Chat } from './chat.ts';
import { textOf } from './documents.ts';
import { blocksIn } from './markdown.ts';

const template = Template.fromStack(new Chat(new App(), 'Chat'));

it('the stack of the page is the one that is checked here', async () => {
  const shown = blocksIn(await textOf('docs/events.md')).filter(({ language }) => language === 'ts');
  expect(shown.map(({ text }) => `${text}\n`)).toEqual([await textOf('test/docs/chat.ts')]);
});

it('the stack asks for the events that a mail tells', () => {
  const bastions = new Stack(new App(), 'Bastions');
  new EventNotices(bastions, 'Notices', { email: 'team@example.com' });
  const [rule] = Object.values(Template.fromStack(bastions).findResources('AWS::Events::Rule'));
  expect(rule?.Properties.EventPattern).toMatchObject({ source: ['bastion-on-demand'] });
  template.hasResourceProperties('AWS::Events::Rule', { EventPattern: rule?.Properties.EventPattern });
});

it('the stack posts their sentence, with a token that the template does not hold', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    Targets: [
      Match.objectLike({
        InputTransformer: {
          InputPathsMap: { 'detail-text': '$.detail.text' },
          InputTemplate: '{"channel":"C0123456789","text":<detail-text>}',
        },
      }),
    ],
  });
  template.hasResourceProperties('AWS::Events::Connection', {
    AuthParameters: {
      ApiKeyAuthParameters: {
        ApiKeyName: 'Authorization',
        ApiKeyValue: '{{resolve:secretsmanager:slack-authorization:SecretString:::}}',
      },
    },
  });
});

it('the role of the stack may call the channel alone', () => {
  const [destination = ''] = Object.keys(template.findResources('AWS::Events::ApiDestination'));
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  expect(policies.map(({ Properties }) => Properties.PolicyDocument.Statement)).toEqual([
    [
      {
        Effect: 'Allow',
        Action: 'events:InvokeApiDestination',
        Resource: { 'Fn::GetAtt': [destination, 'Arn'] },
      },
    ],
  ]);
});
