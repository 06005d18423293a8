# shellcheck shell=bash
# Fetches the activation this task was started for: the item under the task's own identity in the handoff table, which no one
# else can read. Sourced by the entrypoints, after agent.sh. Keeps to bash 3.2.
#
# Secrets travel in variables and pipes alone: a command line is for everybody to read, and a here-string may be a file on disk.

# For all of it, counted from the start of the container.
readonly handoff_seconds=60

# fetch_activation NAME…  Exports these variables, once the item is deleted. Ends the container when it cannot.
fetch_activation() {
  local answer='' signing identity item request name
  need HANDOFF_TABLE AWS_REGION
  [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]] || need AWS_CONTAINER_CREDENTIALS_FULL_URI

  insist '"AccessKeyId"' "the task's credentials were not available" ask_credentials
  signing=$(printf %s "$answer" | jq -r '
    "user = " + ("\(.AccessKeyId):\(.SecretAccessKey)" | tojson),
    "header = " + ("x-amz-security-token: \(.Token)" | tojson)')

  insist '</UserId>' "AWS did not say who this task is" ask_identity
  identity=${answer#*<UserId>}
  identity=${identity%%</UserId>*}

  request="{\"TableName\":\"$HANDOFF_TABLE\",\"Key\":{\"pk\":{\"S\":\"$identity\"}}}"
  # The item is written once ECS has said which task it has started, so the task may be here first.
  insist '"Item"' "the activation did not appear in $HANDOFF_TABLE" on_item GetItem
  item=$answer
  # Where it cannot be deleted it would stay for others to read: better no agent than that.
  insist '{' "the activation could not be deleted from $HANDOFF_TABLE" on_item DeleteItem

  for name; do
    printf -v "$name" %s "$(printf %s "$item" | jq -r --arg name "$name" '.Item.values.M[$name].S // ""')"
    [[ -n ${!name} || $name == ENVIRONMENT_ID ]] || fail 64 "$name: got nothing in the handoff, expected its value"
  done
  # Only now, so that none of the programs above has inherited any.
  # shellcheck disable=SC2163 # the names are the arguments
  export "$@"
  # They have served their purpose, and the vendor's agent must not take them for its own.
  unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN
}

need() {
  local name
  for name; do
    [[ -n ${!name:-} ]] || fail 64 "$name: got nothing, expected what the task definition or ECS sets"
  done
}

# insist PART FAILURE COMMAND…  Repeats the command until it succeeds with PART in its output, which is left in `answer`.
insist() {
  until answer=$("${@:3}") && [[ $answer == *"$1"* ]]; do
    ((SECONDS < handoff_seconds)) || fail 1 "$2 within $handoff_seconds s; the last answer: $(refusal)"
    sleep 0.5
  done
}

# AWS's word for its refusal, and never the answer itself, which may be the activation.
refusal() {
  local json='"(__type|code)": *"([^"]*#)?([A-Za-z]+)"' xml='<Code>([A-Za-z]+)</Code>'
  if [[ -z $answer ]]; then
    echo none
  elif [[ $answer == '{}' ]]; then
    echo 'no item'
  elif [[ $answer =~ $json ]]; then
    echo "${BASH_REMATCH[3]}"
  elif [[ $answer =~ $xml ]]; then
    echo "${BASH_REMATCH[1]}"
  else
    echo 'not what was asked for'
  fi
}

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
ask_credentials() { where_credentials_are | ask; }

where_credentials_are() {
  if [[ -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]]; then
    printf 'url = "http://169.254.170.2%s"\n' "$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  else
    printf 'url = "%s"\n' "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
  fi
  [[ -z ${AWS_CONTAINER_AUTHORIZATION_TOKEN:-} ]] ||
    printf 'header = "Authorization: %s"\n' "$AWS_CONTAINER_AUTHORIZATION_TOKEN"
}

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
# The UserId is, letter by letter, the `aws:userid` that the task role's policy compares the item's key with.
ask_identity() { signed sts --data 'Action=GetCallerIdentity&Version=2011-06-15'; }

on_item() {
  signed dynamodb --header "x-amz-target: DynamoDB_20120810.$1" --header 'content-type: application/x-amz-json-1.0' \
    --data "$request"
}

# signed SERVICE OPTION…
signed() {
  printf '%s\n' "$signing" | ask --aws-sigv4 "aws:amz:$AWS_REGION:$1" "${@:2}" \
    "${AWS_ENDPOINT_URL:-https://$1.$AWS_REGION.amazonaws.com}/"
}

# ask OPTION…  One request; what must not be seen comes on stdin, as curl's configuration.
ask() { curl --disable --silent --max-time 5 --fail-with-body --config - "$@"; }
