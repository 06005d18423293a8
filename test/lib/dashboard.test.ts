import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { metrics } from '../../contracts/stack.ts';
import { BastionStack } from '../../lib/index.ts';
import { bundles, synthesize } from './synthesize.ts';

/** `[namespace, metric, dimension, value, …, options]`, or one object for an expression. */
const dashboardBody = v.object({
  widgets: v.array(v.object({ properties: v.object({ title: v.string(), metrics: v.array(v.array(v.unknown())) }) })),
});

type Synthesized = Awaited<ReturnType<typeof synthesize>>;

const widgetsOf = ({ resolved }: Pick<Synthesized, 'resolved'>) =>
  resolved.resources('AWS::CloudWatch::Dashboard').flatMap(({ properties }) => {
    const { DashboardBody } = v.parse(v.object({ DashboardBody: v.string() }), properties);
    return v.parse(dashboardBody, JSON.parse(DashboardBody)).widgets.map((widget) => widget.properties);
  });

const namesOf = (made: Synthesized) =>
  new Set(widgetsOf(made).flatMap((widget) => widget.metrics.map(([, name]) => name)));

let made: Synthesized;

beforeAll(async () => {
  made = await synthesize({ dashboard: 'true', poolSize: '2' });
});

describe('the dashboard', () => {
  it('is there only if a setting asks for it', async () => {
    expect(widgetsOf(await synthesize())).toEqual([]);
  });

  it('shows every metric that the functions write', () => {
    const { namespace: _, stackDimension: __, startDimension: ___, ...names } = metrics;
    expect([...namesOf(made)].sort()).toEqual(Object.values(names).sort());
  });

  it('shows nothing of a pool without one', async () => {
    const plain = await synthesize({ dashboard: 'true' });
    const pools = [metrics.poolHits, metrics.poolMisses, metrics.poolReady];
    expect([...namesOf(made)].filter((name) => !namesOf(plain).has(name)).sort()).toEqual(pools.sort());
    expect(JSON.stringify(widgetsOf(plain))).not.toMatch(/from the pool/);
  });

  it('shows the median and the 95th percentile of a start, split by pool and on demand', () => {
    const times = widgetsOf(made).find(({ title }) => title === 'Seconds from request to ready');
    const shown = times?.metrics.map((metric) => {
      const { stat } = v.parse(v.object({ stat: v.string() }), metric.at(-1));
      return [...metric.slice(0, -1), stat];
    });
    const metric = (kind: string, stat: string) =>
      ['BastionOnDemand', 'StartSeconds', 'Start', kind, 'service', 'Bastions', stat] as const;
    expect(shown).toEqual([
      metric('pool', 'p50'),
      metric('pool', 'p95'),
      metric('on-demand', 'p50'),
      metric('on-demand', 'p95'),
    ]);
  });

  it.each([
    ['of a known region', 'us-east-1', true],
    ['of a region whose prices are not known', 'me-south-1', false],
  ])('shows the cost by the prices %s: %s, %s', (_, region, isShown) => {
    const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
    const stack = new BastionStack(app, 'Mine', { bundles, dashboard: true, priceRegion: region });
    const body = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
    expect(body.includes('live * 0.0149')).toBe(isShown);
  });
});
