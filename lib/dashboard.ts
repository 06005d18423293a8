import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metrics, type StartKind, startKinds } from '../contracts/stack.ts';
import type { ResolvedProps } from './settings/rules.ts';
import { stackMetric } from './stack-metric.ts';

export type DashboardProps = Pick<ResolvedProps, 'poolSize'>;

/** The graphs stand two in a row. */
const widgetSize = { width: 12, height: 6 };

const fiveMinutes = Duration.minutes(5);
/** The reaper counts the live sessions as often. */
const tenMinutes = Duration.minutes(10);

/**
 * The CloudWatch dashboard of a deployment: its sessions, how long starts take, what the pool is good for, and what the alarms
 * watch. The functions write its metrics in any case.
 */
export class Dashboard extends Construct {
  private readonly dashboard: CloudWatchDashboard;
  private readonly liveSessions: IMetric;

  constructor(scope: Construct, id: string, { poolSize }: DashboardProps) {
    super(scope, id);
    const hasPool = poolSize > 0;
    const kinds = hasPool ? startKinds : startKinds.filter((kind) => kind !== 'pool');
    this.liveSessions = stackMetric(this, metrics.liveSessions, {
      statistic: 'Maximum',
      period: tenMinutes,
      label: 'live, those of the pool among them',
    });
    const ready = stackMetric(this, metrics.poolReady, {
      statistic: 'Minimum',
      period: fiveMinutes,
      label: 'ready in the pool',
    });
    // CloudFormation names it: all regions of an account share the names of dashboards.
    this.dashboard = new CloudWatchDashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    this.addGraph('Sessions', hasPool ? [this.liveSessions, ready] : [this.liveSessions]);
    this.addGraph(
      'Seconds from request to ready',
      kinds.flatMap((kind) => [this.startSeconds(kind, 'p50'), this.startSeconds(kind, 'p95')]),
    );
    this.addGraph(
      'Starts',
      kinds.map((kind) => this.startSeconds(kind, 'SampleCount')),
    );
    this.addGraph(
      'Failed starts',
      kinds.map((start) =>
        stackMetric(this, metrics.failedStarts, {
          start,
          statistic: 'Sum',
          period: fiveMinutes,
          label: wordsOf(start),
        }),
      ),
    );
    if (hasPool)
      this.addGraph('Starts that found a bastion in the pool, or none', [
        this.sum(metrics.poolHits, 'found'),
        this.sum(metrics.poolMisses, 'none free'),
      ]);
    this.addGraph('Seconds by which the oldest session is overdue', [
      stackMetric(this, metrics.oldestOverdueSeconds, { statistic: 'Maximum', period: fiveMinutes, label: 'overdue' }),
    ]);
    this.addGraph('Orphans', [this.sum(metrics.orphansSeen, 'seen'), this.sum(metrics.orphansRemoved, 'removed')]);
  }

  /** @param pricePerHour list price of a bastion in dollars */
  addCost(pricePerHour: string): void {
    const cost = new MathExpression({
      expression: `live * ${pricePerHour}`,
      usingMetrics: { live: this.liveSessions },
      period: tenMinutes,
      label: 'live sessions at the price of a bastion',
    });
    this.addGraph('Dollars an hour, by list price', [cost]);
  }

  private addGraph(title: string, left: IMetric[]): void {
    this.dashboard.addWidgets(new GraphWidget({ ...widgetSize, title, left, leftYAxis: { min: 0, showUnits: false } }));
  }

  private startSeconds(start: StartKind, statistic: 'p50' | 'p95' | 'SampleCount'): IMetric {
    const label = statistic === 'SampleCount' ? wordsOf(start) : `${wordsOf(start)}, ${statistic}`;
    return stackMetric(this, metrics.startSeconds, { start, statistic, period: fiveMinutes, label });
  }

  private sum(metricName: string, label: string): IMetric {
    return stackMetric(this, metricName, { statistic: 'Sum', period: fiveMinutes, label });
  }
}

const wordsOf = (kind: StartKind): string => (kind === 'pool' ? 'from the pool' : 'on demand');
