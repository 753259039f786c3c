using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A Notary v1 server's metadata of one repository. Nothing that it answers is believed.</summary>
internal sealed class DctServer : IDisposable
{
    private static readonly HttpStatusCode[] Refusals = [HttpStatusCode.BadRequest, HttpStatusCode.Conflict];
    private readonly RegistryService _service;
    private readonly string _path;
    private readonly string _repository;

    /// <param name="options">How to talk to the registry; its credentials and authorities serve for the Notary server too.</param>
    /// <param name="address">The server.</param>
    /// <param name="image">An image of the repository.</param>
    /// <param name="environment">The environment, which names Docker's folder.</param>
    public DctServer(RegistryClientOptions options, Uri address, ImageReference image, Func<string, string?> environment)
    {
        // The docker client keeps the certificates of Notary servers in a folder of their own.
        ImmutableArray<string> own = DctEnvironment.DockerFolder(environment) is { } docker ? [Path.Combine(docker, "tls")] : [];
        _repository = $"{image.Registry}/{image.Repository}";
        _service = new RegistryService(options with { CertificateFolders = own.AddRange(options.CertificateFolders) }, address, image.Registry, image.Repository);
        _path = $"v2/{_repository}/_trust/tuf/";
    }

    public void Dispose() => _service.Dispose();

    /// <summary>A file; null where the server has none of that name.</summary>
    /// <exception cref="DctException">Limit or Unreachable.</exception>
    public async Task<byte[]?> GetAsync(string file, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await _service.GetAsync($"{_path}{file}", $"repository:{_repository}:pull", maxBytes, cancellationToken);
        }
        catch (ImageException e)
        {
            throw new DctException(e.Error == ImageError.LimitExceeded ? DctError.Limit : DctError.Unreachable, e.Error == ImageError.LimitExceeded ? $"{file} has more than {maxBytes} bytes, which is more than it should" : e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Publishes metadata, all or nothing; null where the server took it, else why it did not: somebody else published meanwhile, or it breaks a rule of the server's.</summary>
    /// <exception cref="DctException">Unreachable.</exception>
    public async Task<string?> PublishAsync(IReadOnlyDictionary<string, byte[]> metadata, CancellationToken cancellationToken)
    {
        try
        {
            var (status, reason) = await _service.PostAsync(_path, $"repository:{_repository}:push,pull", () => Form(metadata), Refusals, cancellationToken);
            return (int)status is >= 200 and < 300 ? null : $"it answers {(int)status}{reason}";
        }
        catch (ImageException e)
        {
            throw new DctException(DctError.Unreachable, e.Message.TrimEnd('.'), e);
        }
    }

    private static MultipartFormDataContent Form(IReadOnlyDictionary<string, byte[]> metadata)
    {
        var form = new MultipartFormDataContent();
        foreach (var (role, bytes) in metadata)
        {
            // The server takes the role from the file name, slash included, which the class would encode.
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"files\"", FileName = $"\"{role}\"" };
            form.Add(part);
        }

        return form;
    }
}
