using ContainerBuildGuard.Images.Archives;

namespace ContainerBuildGuard.Images;

/// <summary>
/// Opens images of local engines. An engine gives an image as one tar whose index comes last, and layers are read in parallel: so it is written to a temporary file that only
/// its owner can read, never into memory, and the file goes with the set.
/// </summary>
internal static class EngineSource
{
    public static async Task<ImageSet> OpenAsync(string reference, ContainerEngine engine, string name, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("cbg-");
        void Release() => folder.Delete(recursive: true);
        try
        {
            var file = Path.Combine(folder.FullName, "image.tar");
            await FileErrors.GuardAsync(async () =>
            {
                await engine.SaveAsync(name, file, options.Limits, cancellationToken).ConfigureAwait(false);
                return true;
            }, file).ConfigureAwait(false);
            return await ArchiveReader.OpenAsync(reference, file, null, Release, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            folder.Refresh();
            if (folder.Exists)
            {
                Release();
            }

            throw;
        }
    }
}
