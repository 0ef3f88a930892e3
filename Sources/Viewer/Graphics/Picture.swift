import CPNG
import Foundation
import Laboratory

/// An image, 8 bits a channel, RGB, rows from top to bottom.
package struct Picture: Equatable {
  package var width: Int
  package var height: Int
  package var pixels: [UInt8]

  /// Writes it as PNG. Throws `InputError` (`cannotWrite`).
  package func write(to path: String) throws {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    guard png_image_write_to_file(&image, path, 0, pixels, 0, nil) != 0 else {
      throw InputError(.cannotWrite, file: path, "cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
