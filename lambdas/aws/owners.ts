import { CreateTagsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { type ECSClient, TagResourceCommand } from '@aws-sdk/client-ecs';
import { tags } from '../../contracts/account.ts';
import type { Owners } from '../core/session/ports.ts';
import type { Session } from '../core/session/session.ts';
import { failedTo } from './errors.ts';
import { ownerTag } from './tags.ts';

/** Sets the owner's tag on a task and a security group that were made before anybody owned them. */
export class AwsOwners implements Owners {
  readonly #ecs: ECSClient;
  readonly #ec2: EC2Client;

  constructor({ ecs, ec2 }: { readonly ecs: ECSClient; readonly ec2: EC2Client }) {
    this.#ecs = ecs;
    this.#ec2 = ec2;
  }

  async tag({ owner, taskArn, securityGroupId }: Session): Promise<void> {
    if (owner === undefined) return;
    const value = ownerTag(owner);
    const ofTask = { resourceArn: taskArn, tags: [{ key: tags.owner, value }] };
    const ofGroup = { Resources: [securityGroupId ?? ''], Tags: [{ Key: tags.owner, Value: value }] };
    await Promise.all([
      this.#ecs.send(new TagResourceCommand(ofTask)).catch(failedTo('tag the task')),
      this.#ec2.send(new CreateTagsCommand(ofGroup)).catch(failedTo('tag the security group')),
    ]);
  }
}
