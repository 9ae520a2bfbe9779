# A worker as an image. DOTNET_IMAGES is the registry's folder of .NET's images; the tree names no registry.
#   docker build -f deploy/docker/worker.Dockerfile --build-arg DOTNET_IMAGES=REGISTRY/dotnet \
#     --build-arg VERSION=1.2.3 --build-arg COMMIT="$(git rev-parse HEAD)" -t recognition-worker:1.2.3 .
ARG DOTNET_IMAGES

# The SDK runs on the builder's processor and publishes for the image's.
FROM --platform=$BUILDPLATFORM ${DOTNET_IMAGES}/sdk:10.0 AS build
ARG TARGETARCH
ARG VERSION=0.0.0-dev
ARG COMMIT
# A NuGet feed that replaces the default one.
ARG NUGET_SOURCE
WORKDIR /source
COPY global.json Directory.Build.props .editorconfig paket.dependencies paket.lock LICENSE ./
COPY .config/ .config/
COPY .paket/ .paket/
COPY FileFormats/ FileFormats/
COPY Protocol.Core/ Protocol.Core/
COPY Node.Hosting/ Node.Hosting/
COPY models/ models/
COPY Worker.Cs/ Worker.Cs/
RUN case "$TARGETARCH" in \
      amd64) rid=linux-x64 ;; \
      arm64) rid=linux-arm64 ;; \
      *) echo "There is no build for '$TARGETARCH'." >&2; exit 1 ;; \
    esac \
 && dotnet tool restore \
 && dotnet publish Worker.Cs/Worker.Cs.csproj -c Release -r "$rid" --self-contained -nologo \
    -p:PublishReadyToRun=true -p:DebugType=none "-p:Version=$VERSION" "-p:SourceRevisionId=$COMMIT" -o /app \
 && rm -f /app/onnxruntime*.dll \
 && chmod -R a+rX /app

FROM ${DOTNET_IMAGES}/runtime-deps:10.0
COPY --from=build /app /app
COPY LICENSE /app/
# The model's files are downloaded to /models; a read-only root file system needs a volume there.
RUN mkdir /models && chown 65532:65532 /models
VOLUME /models
ENV Worker__Host=* Worker__Port=8888 Worker__Models=/models Worker__Metrics=9090 DOTNET_EnableDiagnostics=0
USER 65532:65532
WORKDIR /app
EXPOSE 8888 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/app/Worker.Cs"]
