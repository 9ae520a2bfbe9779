# The web node as an image. DOTNET_IMAGES is the registry's folder of .NET's images; the tree names no registry.
#   docker build -f deploy/docker/web.Dockerfile --build-arg DOTNET_IMAGES=REGISTRY/dotnet \
#     --build-arg VERSION=1.2.3 --build-arg COMMIT="$(git rev-parse HEAD)" -t recognition-web:1.2.3 .
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
COPY OpenInference.Grpc/ OpenInference.Grpc/
COPY Protocol.Core/ Protocol.Core/
COPY Node.Hosting/ Node.Hosting/
COPY samples/ samples/
COPY Web.Giraffe/ Web.Giraffe/
RUN case "$TARGETARCH" in \
      amd64) rid=linux-x64 ;; \
      arm64) rid=linux-arm64 ;; \
      *) echo "There is no build for '$TARGETARCH'." >&2; exit 1 ;; \
    esac \
 && dotnet tool restore \
 && dotnet publish Web.Giraffe/Web.Giraffe.fsproj -c Release -r "$rid" --self-contained -nologo \
    -p:PublishReadyToRun=true -p:DebugType=none "-p:Version=$VERSION" "-p:SourceRevisionId=$COMMIT" -o /app \
 && chmod -R a+rX /app

FROM ${DOTNET_IMAGES}/runtime-deps:10.0
COPY --from=build /app /app
COPY LICENSE /app/
ENV Http__Port=9999 Http__GrpcPort=8001 Metrics__Port=9090 Registry__Path= DOTNET_EnableDiagnostics=0
USER 65532:65532
WORKDIR /app
EXPOSE 9999 8001 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/app/Web.Giraffe"]
