import type { Differences } from './differences/difference.ts';
import { dynamoDbDifferences } from './differences/dynamodb.ts';
import { ec2Differences } from './differences/ec2.ts';
import { ecsDifferences } from './differences/ecs.ts';
import { otherDifferences } from './differences/others.ts';

/** Every known difference between moto and AWS. */
export const differences: Differences = {
  ...dynamoDbDifferences,
  ...ec2Differences,
  ...ecsDifferences,
  ...otherDifferences,
};
