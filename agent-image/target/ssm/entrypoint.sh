#!/usr/bin/env bash
# Registers amazon-ssm-agent with the activation of this task's handoff, then runs it. ../README.md is the contract.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../shared/agent.sh"

readonly activation=(ACTIVATION_ID ACTIVATION_CODE ACTIVATION_REGION)

register() {
  exec amazon-ssm-agent -register -code "$ACTIVATION_CODE" -id "$ACTIVATION_ID" -region "$ACTIVATION_REGION" -y
}

run_agent amazon-ssm-agent "$@"
