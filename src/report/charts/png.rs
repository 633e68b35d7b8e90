//! SVG to PNG at twice the size, with the bundled face and no other.

use super::font;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, OnceLock};

/// Pixels of the PNG to one of the drawing.
const SCALE: f32 = 2.0;

fn faces() -> Arc<usvg::fontdb::Database> {
    static FACES: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    FACES
        .get_or_init(|| {
            let mut faces = usvg::fontdb::Database::new();
            faces.load_font_data(font::REGULAR.to_vec());
            faces.load_font_data(font::SEMIBOLD.to_vec());
            faces.set_sans_serif_family("Inter");
            Arc::new(faces)
        })
        .clone()
}

/// The PNG's bytes.
///
/// # Errors
/// If the SVG cannot be read or the picture does not fit into memory.
pub(super) fn render(svg: &str) -> Result<Vec<u8>, String> {
    let options = usvg::Options {
        font_family: "Inter".to_owned(),
        fontdb: faces(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| e.to_string())?;
    let size = tree.size();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a drawing's size is a few thousand pixels"
    )]
    let pixels = |length: f32| (length * SCALE).ceil() as u32;
    let mut picture = tiny_skia::Pixmap::new(pixels(size.width()), pixels(size.height()))
        .ok_or("the picture is empty or too large")?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(SCALE, SCALE),
        &mut picture.as_mut(),
    );
    picture.encode_png().map_err(|e| e.to_string())
}
